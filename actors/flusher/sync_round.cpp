#include "actors/flusher/sync_round.hpp"

#include <unordered_map>
#include <utility>

namespace chisme::flusher {

namespace {

/// The files of all requests, each once, in the order in which they were asked for, and what each came to.
class asked_files {
public:
  explicit asked_files(const std::vector<flush_request>& requests) {
    for (const auto& r : requests)
      for (const auto& f : r.files)
        if (place_.try_emplace(f.get(), files_.size()).second)
          files_.push_back(f);
    failures_.resize(files_.size());
  }

  size_t count() const { return files_.size(); }

  void sync_one_by_one() {
    for (size_t i = 0; i < files_.size(); ++i)
      if (auto done = files_[i]->sync(); !done)
        failures_[i] = done.error().message;
  }

  /// The first failure that concerns this request.
  flush_result of(const flush_request& r) const {
    for (const auto& f : r.files)
      if (const auto& failure = failures_[place_.at(f.get())]; !failure.empty())
        return {failure};
    return {};
  }

private:
  std::vector<log::file_ptr> files_;
  std::unordered_map<const log::file*, size_t> place_;
  std::vector<std::string> failures_; ///< empty: durable
};

} // namespace

bool sync_round::whole_filesystem_synced() {
  const bool done = whole_->sync().has_value();
  if (!done)
    whole_ = nullptr;
  return done;
}

std::vector<flush_result> sync_round::run() {
  const auto requests = std::exchange(requests_, {});
  asked_files files{requests};
  if (!whole_ || files.count() < whole_filesystem_from || !whole_filesystem_synced())
    files.sync_one_by_one();
  std::vector<flush_result> results;
  results.reserve(requests.size());
  for (const auto& r : requests)
    results.push_back(files.of(r));
  return results;
}

} // namespace chisme::flusher
