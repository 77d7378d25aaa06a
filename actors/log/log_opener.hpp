// How a partition's log is opened: what is trusted, what is looked at, what is cut off.
//
// 1. The folder is surveyed, leftovers of interrupted work are finished or removed.
// 2. Everything below the recovery point is trusted: it was whole and synced. It must be there, though: a missing
//    segment or a file that ends before the point is an error, never a silent loss.
// 3. Batches behind the point are read with their CRCs, in order. The first that is torn or does not follow ends the
//    log: it and everything behind it is cut off. Nobody can tell a torn write from later damage there, but all
//    that was acknowledged more than a few seconds before the end lies below the point.
//    What remains may be in the system's cache only, where a process that was killed, or a sync that failed, has left
//    it: it is written again, and dirty() until it has been synced. Nothing that was made behind the point is used
//    unless it is written again as well: producer snapshots from there are dropped.
// 4. A log whose marks come first (recovery_point.hpp) ends where a batch has no mark in the epoch file: the mark was
//    lost with a crash, and perhaps others before it that nothing else tells of.
// 5. Without a recovery point nothing is known about what was synced, as the point is durable before the first
//    record: damage with whole batches behind it is an error then, a torn end is cut off.
#pragma once

#include "actors/log/partition_log.hpp"

#include <map>

namespace chisme::log {

/// One use: log_opener{...}.run().
class log_opener {
public:
  log_opener(std::unique_ptr<latched_files> disk, std::string dir, const topic_settings& settings,
             const open_options& options, recovery_report& report);

  result<std::unique_ptr<partition_log>> run();

private:
  struct found_segment {
    segment_files sizes;
    bool has_log = false;
    bool has_index = false;
    bool has_time_index = false;
  };

  result<void> survey();
  result<void> note_file(const dir_entry& e);
  result<void> finish_compaction();
  result<void> allow_gaps(offset_t base);
  result<void> remove_replaced(offset_t base, offset_t end);
  result<void> drop_orphans();
  result<void> drop_leftovers_of_reset();
  result<log_beginning> beginning_of_reset();
  result<void> put_in_place(const log_beginning& from);
  result<void> finish_reset();
  result<void> begin_new();
  result<void> open_segments();
  result<void> check_start() const;
  result<void> check_chain();
  result<size_t> check_point();
  result<void> repair_indexes(size_t trusted);
  result<void> scan_tail(size_t first);
  result<bool> scan_segment(size_t index, uint64_t from, uint64_t file_size);
  result<void> cut(size_t index, uint64_t file_size, const std::string& reason);
  result<void> refuse_to_lose(size_t index, uint64_t file_size, const std::string& reason);
  result<void> remove_from(size_t index, const std::string& reason);
  result<void> write_again(segment& s, uint64_t from);
  result<void> drop_snapshots_behind_point();
  result<void> touch_folders();
  result<void> touch_what_was_found();
  result<void> read_epochs();
  result<void> load_epochs();
  result<void> load_configurations();
  bool has_its_mark(const batch_header& h) const;
  result<std::optional<leader_epochs>> epochs_in(const std::string& path);
  result<std::optional<leader_epochs>> newest_epochs();
  result<void> load_producers();
  tl::unexpected<error> broken(const std::string& what) const;

  std::unique_ptr<latched_files> owned_disk_; ///< until the log is made
  latched_files& disk_;
  std::string dir_;
  const topic_settings& settings_;
  const open_options& options_;
  recovery_report& report_;
  std::unique_ptr<partition_log> log_;
  std::map<offset_t, found_segment> found_;
  uint64_t tail_position_ = 0; ///< where the tail begins, in the segment that check_point() named
  offset_t tail_offset_ = 0;
  std::optional<time_entry> tail_max_;  ///< the largest timestamp before it in that segment, where it is known
  std::vector<std::string> unfinished_; ///< names of .cleaned files
  std::map<offset_t, std::vector<std::string>> swaps_; ///< names of .swap files
  bool has_epochs_ = false;
  std::vector<offset_t> epoch_versions_; ///< numbers of new versions of the epoch file
  leader_epochs epochs_on_disk_;
  bool has_configurations_ = false;
  bool has_reset_ = false;              ///< the file of one, under way or not
  std::vector<epoch_mark> tail_epochs_; ///< seen in the tail
  bool tail_has_producers_ = false;
};

} // namespace chisme::log
