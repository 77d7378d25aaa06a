#include "actors/flusher/sync_round.hpp"

namespace chisme::flusher {

void sync_round::add(const flush_request& request) {
  files_.insert(request.files.begin(), request.files.end());
  directories_.insert(request.directories.begin(), request.directories.end());
}

flush_result sync_round::run(log::files& disk, const std::string& root) {
  auto files = std::move(files_);
  auto directories = std::move(directories_);
  files_.clear();
  directories_.clear();
  if (files.size() >= whole_filesystem_from) {
    if (auto done = disk.sync_filesystem(root); !done)
      return {done.error().message};
    return {};
  }
  for (const auto& f : files) {
    if (auto done = f->sync(); !done)
      return {done.error().message};
  }
  for (const auto& d : directories) {
    if (auto done = disk.sync_directory(d); !done)
      return {done.error().message};
  }
  return {};
}

} // namespace chisme::flusher
