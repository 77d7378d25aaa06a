// The rule of fsync, in one place: a failed sync is final.
//
// After a failed sync the system has marked the pages clean that it could not write. The next sync of the same file, or
// of a file that is opened anew, succeeds and says nothing of them, while readers go on seeing them in the page cache.
// So nothing that was written through these files may be called durable any more, until all of it has been read back
// and written again: by opening the log anew (log_opener).
#pragma once

#include "actors/log/files.hpp"

#include <atomic>

namespace chisme::log {

/// The first failed sync of a set of files. Thread-safe.
class sync_latch {
public:
  sync_latch() = default;
  sync_latch(const sync_latch&) = delete;
  sync_latch& operator=(const sync_latch&) = delete;
  ~sync_latch() { delete failure_.load(); }

  /// Null while all is well; valid as long as the latch.
  const error* failure() const { return failure_.load(std::memory_order_acquire); }
  /// The first call counts.
  void close(const error& why);

private:
  std::atomic<const error*> failure_{nullptr};
};

using sync_latch_ptr = std::shared_ptr<sync_latch>;

/// A disk on which the files of one log share a latch: as soon as one of their syncs has failed, every further sync of
/// any of them fails with the same error without asking the system. Writes are passed on, and so are reads where nobody
/// forbids them to wait (cold_reads.hpp).
class latched_files final : public files {
public:
  explicit latched_files(files& disk) : disk_(disk), latch_(std::make_shared<sync_latch>()) {}

  const sync_latch_ptr& latch() const { return latch_; }

  result<file_ptr> open(const std::string& path, open_mode mode) override;
  result<file_ptr> open_directory(const std::string& path) override;
  result<filesystem_ptr> open_filesystem(const std::string& path) override { return disk_.open_filesystem(path); }
  result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  result<std::vector<dir_entry>> list(const std::string& path) override { return disk_.list(path); }
  result<void> make_directories(const std::string& path) override { return disk_.make_directories(path); }
  result<void> remove(const std::string& path) override { return disk_.remove(path); }
  result<void> remove_all(const std::string& path) override { return disk_.remove_all(path); }
  result<void> rename(const std::string& from, const std::string& to) override { return disk_.rename(from, to); }
  result<uint64_t> free_space(const std::string& path) override { return disk_.free_space(path); }

private:
  result<file_ptr> latched(result<file_ptr> opened) const;

  files& disk_;
  sync_latch_ptr latch_;
};

} // namespace chisme::log
