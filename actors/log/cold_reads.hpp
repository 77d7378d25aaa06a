// Reading a log without waiting for the disk, for those who must not: the actors that share the scheduler's threads.
//
// While a cold_reads lives, reads of its thread through the files of a log (sync_latch.hpp) come from the system's
// memory only. The first one that cannot is noted and fails, and so does everything behind it: what the log says then
// counts for nothing, and the same is asked again when somebody who may wait has read the range. Nothing is changed by
// such a failure: the log knows it from one of the disk (would_wait()).
//
// Where the disk failed whoever may wait, asking again would wait for the same failure once more, some disks for half
// a minute: the range is known from then on, and a read of it fails with what the disk said, unless it is in memory by
// now.
//
// What still waits, because the system does not tell: opening a file whose name or inode has left the memory, and
// looking up where a file's blocks are on some file systems.
#pragma once

#include "actors/log/files.hpp"

#include <optional>
#include <span>

namespace chisme::log {

/// A piece of a file that has to be read from the disk.
struct cold_range {
  file_ptr file;
  uint64_t position = 0;
  uint64_t length = 0;
};

/// What the disk said of a range.
struct failed_read {
  cold_range where;
  error why;
};

/// Whether this is the failure of a read that would have had to wait.
bool would_wait(const error& e);

class cold_reads {
public:
  /// So many ranges may fail; where that many did, whatever is not in memory counts as failed.
  static constexpr size_t most_failures = 4;

  /// `failed` lives as long as this.
  explicit cold_reads(std::span<const failed_read> failed = {});
  cold_reads(const cold_reads&) = delete;
  cold_reads& operator=(const cold_reads&) = delete;
  ~cold_reads();

  /// What has to be read first; none where all was in memory.
  const std::optional<cold_range>& found() const { return found_; }

  /// For the files of a log. Each waits where nobody forbids it.
  static result<size_t> read(const file_ptr& from, uint64_t position, std::span<std::byte> into);
  static bool is_in_memory(const file_ptr& file, uint64_t position, uint64_t length);
  /// Why the last is_in_memory() said no.
  static error why_not();
  /// Fails where something cold has been found.
  static result<void> go_on();

private:
  void miss(cold_range what);
  const error* failure_of(const cold_range& what) const;

  cold_reads* before_; ///< of this thread
  std::span<const failed_read> failed_;
  std::optional<cold_range> found_;
  std::optional<error> missed_because_; ///< the last time
};

} // namespace chisme::log
