// One segment of a partition's log: a file of record batches, and its two sparse indexes.
#pragma once

#include "actors/log/batch_scanner.hpp"
#include "actors/log/index_file.hpp"
#include "actors/log/verified_ranges.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace chisme::log {

/// Sizes that the folder shows for a segment's files.
struct segment_files {
  uint64_t log = 0;
  uint64_t index = 0;
  uint64_t time_index = 0;
};

/// The log file stays open, the indexes are opened when needed. Positions at or behind size() do not exist,
/// whatever the file holds there. Only the last segment of a log is appended to.
class segment {
public:
  /// Makes a new segment, emptying files that are there. `tag` follows the names of files that are work in progress.
  static result<std::unique_ptr<segment>> create(files& disk, const std::string& dir, offset_t base,
                                                 int64_t index_interval, const std::string& tag = {});
  /// Opens what is there, as large as it is.
  static result<std::unique_ptr<segment>> open(files& disk, const std::string& dir, offset_t base,
                                               const segment_files& sizes, int64_t index_interval);

  offset_t base_offset() const { return base_; }
  uint64_t size() const { return size_; }
  const file_ptr& log() const { return log_; }
  const std::string& path() const { return log_->path(); }

  /// Writes `parts` (`length` bytes together) behind the end. After a failure cut_back() is due.
  result<void> append(std::span<const bytes_view> parts, uint64_t length);
  /// Cuts off what a failed append left behind the end, for good: a crash must not bring back batches beside others
  /// that have taken their offsets since.
  result<void> cut_back();
  /// A batch at `position` is part of the segment: its place in the indexes, its timestamp. Costs no I/O but for a
  /// chunk of entries now and then; an index that cannot be written stays behind and is no error.
  void note(const batch_header& header, uint64_t position);

  /// Which batches are looked for: any, or only such that hold a record.
  enum class looked_for : uint8_t { batches, records };
  /// The first batch whose last offset is at least `offset`; nullopt where there is none. Goes by header fields
  /// only. corrupt_message where the way there is damaged: batches must follow each other, without gaps unless
  /// `gaps_allowed`. `hint` is where the batch that begins with `offset` was seen to begin.
  result<std::optional<located_batch>> find(offset_t offset, bool gaps_allowed,
                                            std::optional<uint64_t> hint = std::nullopt,
                                            looked_for what = looked_for::batches);
  /// The first batch with records, a largest timestamp of at least `timestamp` and a last offset of at least `from`.
  result<std::optional<located_batch>> find_time(timestamp_ms timestamp, offset_t from);
  /// The last batch; nullopt in an empty segment.
  result<std::optional<located_batch>> last_batch();
  /// The largest timestamp in the segment and the last offset of its batch; -1 where there is none. Counts what
  /// compaction has taken out of its batch: a bound that does not go down.
  result<time_entry> max_timestamp();
  /// What the segment's age counts from: its largest timestamp; of records without one, when the file was written to.
  result<timestamp_ms> newest_time();
  /// The largest timestamp of the batches that hold records and end below `upper_bound`; walks from the last index
  /// entry that may be of one of those.
  result<time_entry> max_record_timestamp(offset_t upper_bound);
  /// The first batch's largest timestamp, which segment.ms counts from; -1 where there is none.
  result<timestamp_ms> first_timestamp();

  /// Up to where the batches from `position` on were appended or found whole by this process, and nobody else has
  /// written to the file since; `position` where that is not known. Saves a reader the checksums, not the headers.
  uint64_t whole_until(uint64_t position);
  /// Comes before batches are read to be checked, note_whole() for those that were whole behind it.
  void begin_check();
  void note_whole(uint64_t begin, uint64_t end) {
    if (stamp_)
      whole_.add(begin, end);
  }
  /// What the disk has lost since is to be noticed again.
  void forget_whole() { whole_.clear(); }

  /// Forgets everything from `position` on, where a batch with base offset `next` would begin.
  result<void> truncate(uint64_t position, offset_t next);
  /// Part of opening: the segment ends at `position`, before the batch with base offset `next`, whatever the files
  /// hold behind it; accept() then adds batches that turn out whole. `max_below` is found out where it is not known.
  result<void> restart_at(uint64_t position, offset_t next, std::optional<time_entry> max_below);
  /// The batch that lies at size() in the file is part of the segment.
  void accept(const located_batch& batch);
  /// Makes both indexes anew from the log.
  result<void> rebuild_indexes();
  /// No more appends: the last time entry, indexes completely written.
  result<void> seal();
  /// Writes index entries that wait in memory.
  result<void> flush_indexes();

  /// All files of the segment that exist, for syncing.
  result<std::vector<file_ptr>> all_files();
  /// Deletes the files; readers that have the log open are not disturbed.
  result<void> remove();
  /// The same of a segment that nobody has opened.
  static result<void> remove_files(files& disk, const std::string& stem, const std::string& tag = {});

private:
  segment(files& disk, std::string stem, const std::string& tag, file_ptr log, offset_t base,
          const segment_files& sizes, int64_t interval);

  /// A batch from which to walk to `offset`: named by the index and found to be there; the segment's begin otherwise.
  result<uint64_t> start_for(offset_t offset);
  result<std::optional<located_batch>> batch_at(uint64_t position);
  result<std::optional<uint64_t>> checked_position(const offset_entry& e);
  tl::unexpected<error> corrupt_at(uint64_t position, offset_t expected, const char* why) const;
  result<void> scan_max_timestamp();
  /// The batch of the last time entry below `upper_bound`; nullopt where it does not hold the record that is meant.
  result<std::optional<located_batch>> timed_batch_below(offset_t upper_bound);
  result<uint64_t> trim_offsets(offset_t next);
  result<void> trim_times(offset_t next);
  result<void> index_from(uint64_t position);

  files* disk_;
  std::string stem_;
  file_ptr log_;
  offset_t base_;
  uint64_t size_;
  int64_t interval_;
  int64_t since_entry_ = 0; ///< bytes noted since the last index entry
  offset_index offsets_;
  time_index times_;
  timestamp_ms last_time_entry_ = -1;
  time_entry max_{-1, -1};
  bool rebuild_was_interrupted_ = false; // by a page that has to be read first: the indexes are not whole
  bool max_known_ = false;
  std::optional<timestamp_ms> first_timestamp_;
  verified_ranges whole_;
  std::optional<int64_t> stamp_; ///< of the log file, when whole_ was right
};

} // namespace chisme::log
