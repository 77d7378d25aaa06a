#include "actors/flusher/sync_round.hpp"

#include <map>
#include <utility>

namespace chisme::flusher {

namespace {

/// What each file and folder came to; empty: durable.
struct outcomes {
  std::map<log::file_ptr, std::string> files;
  std::map<std::string, std::string> directories;

  explicit outcomes(const std::vector<flush_request>& requests) {
    for (const auto& r : requests) {
      for (const auto& f : r.files)
        files.try_emplace(f);
      for (const auto& d : r.directories)
        directories.try_emplace(d);
    }
  }

  void sync_one_by_one(log::files& disk) {
    for (auto& [file, failure] : files) {
      if (auto done = file->sync(); !done)
        failure = done.error().message;
    }
    for (auto& [path, failure] : directories) {
      if (auto done = disk.sync_directory(path); !done)
        failure = done.error().message;
    }
  }

  /// The first failure that concerns this request.
  flush_result of(const flush_request& r) const {
    for (const auto& f : r.files) {
      if (const auto& failure = files.at(f); !failure.empty())
        return {failure};
    }
    for (const auto& d : r.directories) {
      if (const auto& failure = directories.at(d); !failure.empty())
        return {failure};
    }
    return {};
  }
};

} // namespace

std::vector<flush_result> sync_round::run(log::files& disk, const std::string& root) {
  const auto requests = std::exchange(requests_, {});
  outcomes found{requests};
  // A file system that reports an error does not say for which file: then each is asked.
  if (found.files.size() < whole_filesystem_from || !disk.sync_filesystem(root))
    found.sync_one_by_one(disk);
  std::vector<flush_result> results;
  results.reserve(requests.size());
  for (const auto& r : requests)
    results.push_back(found.of(r));
  return results;
}

} // namespace chisme::flusher
