// The log of one replica of a partition: segments, indexes, leader epochs and producer state in one folder.
//
//   <dir>/00000000000000000000.log        record batches as they travel           segment.hpp
//         00000000000000000000.index      sparse indexes, made anew when needed    index_file.hpp
//         00000000000000000000.timeindex
//         00000000000000004711.snapshot   producer state at that offset            producer_state.hpp
//         leader-epoch-checkpoint         which epoch began where                  leader_epochs.hpp
//         configurations                  who votes, where an epoch's mark says it configurations.hpp
//         reset-to                        what a reset under way begins anew with  log_beginning.hpp
//         recovery-point                  what a restart need not look at          recovery_point.hpp
//         partition.metadata              the topic's id                           partition_metadata.hpp
//
// One owner calls everything here, one call at a time; nothing blocks but the disk. Syncing is the exception: what
// is dirty() may be synced by another thread while the owner goes on, mark_synced() tells the log.
//
// Nothing is trusted to be durable because it can be read: what open() finds behind the recovery point is dirty(), and
// written again, until it has been synced. A failed sync, whoever asked for it, is final (sync_latch.hpp); any other
// failure passes, or at worst asks for the log to be opened anew (must_reopen()).
//
// A log that is replicated has a second kind of entries, which take no offset: epoch marks (leader_epochs.hpp). They
// are written before the batches of their epoch and count as synced with them or before; see synced_position(). In such
// a log recovery takes no batch without its mark.
//
// Invariants: start_offset() <= synced_offset() <= end_offset() but for a log that was just truncated or reset;
// batches have dense offsets, except below gaps_upto(); a batch whose CRC does not match is never handed out.
#pragma once

#include "actors/log/copied_batches.hpp"
#include "actors/log/copy_read.hpp"
#include "actors/log/files.hpp"
#include "actors/log/leader_epochs.hpp"
#include "actors/log/log_beginning.hpp"
#include "actors/log/producer_state.hpp"
#include "actors/log/read_memory.hpp"
#include "actors/log/recovery_point.hpp"
#include "actors/log/recovery_report.hpp"
#include "actors/log/segment.hpp"
#include "actors/log/space_reserve.hpp"
#include "actors/log/sync_latch.hpp"
#include "actors/raft/configuration_history.hpp"
#include "actors/raft/position.hpp"
#include "config/topic_settings.hpp"
#include "messages/payload.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chisme::log {

struct compaction_plan;
struct compaction_result;
struct compacted_group;

struct open_options {
  timestamp_ms now = 0;
  /// Answers of read() up to this size are memory, larger ones file slices.
  uint64_t largest_in_memory = 64 * 1024;
  int64_t producer_expiration_ms = 24ll * 3600 * 1000;
  size_t most_producers = producer_state::default_most;
  /// Kept for appends that would find no room: see space_reserve.hpp. 0: none.
  uint64_t reserve_bytes = 0;
};

/// A batch ready to be written: the header with base offset, epoch and CRC as they shall be on disk, and the bytes
/// behind it, which stay where they are.
struct stamped_batch {
  batch_header header;
  bytes_view body;
  bytes_view as_is = {}; ///< header and body, where they lie in memory as they shall be on disk
};

/// What read() found: whole batches.
struct read_result {
  payload data;
  offset_t first_offset = -1; ///< base offset of the first batch, -1 where there is none
  offset_t last_offset = -1;
  offset_t next_offset = 0; ///< where to read on
};

/// A record found by its timestamp.
struct timestamp_and_offset {
  timestamp_ms timestamp = -1;
  offset_t offset = -1;
  leader_epoch_t epoch = -1;
  friend bool operator==(const timestamp_and_offset&, const timestamp_and_offset&) = default;
};

struct segment_info {
  offset_t base_offset = 0;
  offset_t end_offset = 0;
  uint64_t size = 0;
  std::string path;
};

/// What is not on stable storage yet. Sync all files, in this order (folders come last), then hand it to mark_synced().
struct unsynced {
  std::vector<file_ptr> files;
  offset_t end_offset = 0;
  leader_epoch_t last_epoch = -1; ///< that of the last mark
  uint64_t ticket = 0;

  bool empty() const { return files.empty(); }
};

class partition_log {
public:
  /// Opens the log in `dir`, an empty one where there is none. Looks at the tail behind the recovery point only and
  /// cuts off what is torn there; `report` says what was found. Fails where synced data is missing, a file is of a
  /// newer version, or the disk fails: the message names the file, and the code is KAFKA_STORAGE_ERROR only where it
  /// was the disk: trying again may help then.
  static result<std::unique_ptr<partition_log>> open(files& disk, std::string dir, const topic_settings& settings,
                                                     const open_options& options, recovery_report& report);
  ~partition_log();

  /// Writes batches behind the end: their offsets must follow on from end_offset(). One write call for each segment
  /// that is touched, usually one. All or nothing: on failure (kafka_storage_error) the log is as before and stays
  /// usable, unless the failure could not be undone either (must_reopen()). Producer state and epochs follow. The data
  /// is not synced.
  result<void> append(std::span<const stamped_batch> batches, timestamp_ms now);

  /// The same for what another replica has: batches from the one with number `first` on and, before each, the marks
  /// that stand there, with the configurations that they carry. `marks` may hold some that the log has. The bytes are
  /// written as they are and not copied. Offsets may be missing before any batch; what lies behind counts as synced
  /// when the recovery point is: that follows at once and asks for another sync (is_dirty() after mark_synced()). All
  /// or nothing; marks may stay, at the end. Errors as above, and corrupt_message for what does not follow: offsets
  /// that go back, a batch whose epoch has no mark, a mark behind missing offsets with no batch behind it. Where a mark
  /// carries a configuration this waits for the disk.
  result<void> append_copied(std::span<const peer::raft_mark> marks, const copied_batches& batches, size_t first,
                             timestamp_ms now);

  /// Whether writing these marks, with assign_epoch() or append_copied(), syncs something first: then it is not for who
  /// must not wait for the disk.
  bool waits_for_disk(std::span<const peer::raft_mark> marks) const;

  /// What follows `prev` for another replica, up to the end of the log: marks, and at most `max_bytes` of batches, or
  /// one batch where that is larger. `prev` is between two batches and held by the log (offset_out_of_range else), or
  /// what follows it is gone (copy_read::behind_start). Memory, CRCs and cold pages as in read().
  result<copy_read> read_for_copy(raft::position prev, uint64_t max_bytes,
                                  const std::shared_ptr<answer_memory>& memory = nullptr);
  /// Where the copy of a log begins that has to begin anew: before the first batch that is kept whole, which may lie
  /// before start_offset(). For replication the log starts here.
  raft::position copy_start() const;
  /// The marks, configurations and producers with which such a copy begins.
  log_beginning beginning() const;

  /// Whole batches from the one that holds `offset` on, or the next one that has a record from there on where
  /// compaction left none in that one; at most `max_bytes` of them, all below `upper_bound`; the first one even where
  /// it is larger, if `min_one`. Batches without records are left out where a record follows below `upper_bound`. Empty
  /// at the end. CRCs are checked: see whole_until().
  /// Errors: offset_out_of_range; corrupt_message where the first batch is damaged (naming file, position and
  /// offset), batches before a damaged one are served; kafka_storage_error.
  /// `memory`: where there is none left, the answer is a piece of the file whatever its size; null: there is always
  /// some.
  result<read_result> read(offset_t offset, uint64_t max_bytes, offset_t upper_bound, bool min_one = true,
                           const std::shared_ptr<answer_memory>& memory = nullptr);

  offset_t start_offset() const { return start_offset_; }
  /// Where the next record goes.
  offset_t end_offset() const { return end_offset_; }
  /// Everything below is on stable storage.
  offset_t synced_offset() const;
  /// Behind the last entry.
  raft::position end_position() const;
  /// All entries before it, batches and marks, are on stable storage.
  raft::position synced_position() const;
  /// Below it the log was compacted here.
  offset_t compacted_upto() const { return compacted_upto_; }
  /// Below it offsets may be missing: this log was compacted, or is the copy of one that was.
  offset_t gaps_upto() const { return std::max(gaps_upto_, compacted_upto_); }
  uint64_t size_bytes() const;
  std::vector<segment_info> segments() const;
  const std::string& directory() const { return dir_; }
  const leader_epochs& epochs() const { return epochs_; }
  /// Those that marks carry, and the one in force at the start of the log.
  const raft::configuration_history& configurations() const { return configurations_; }
  const producer_state& producers() const { return producers_; }

  /// What must be synced for everything up to now to be durable; cheap when nothing is.
  unsynced dirty() const;
  bool is_dirty() const { return !dirty_files_.empty() || !dirty_directories_.empty(); }
  /// `what` has been synced.
  void mark_synced(const unsynced& what);
  /// Why nothing of this log can be made durable any more: a sync of one of its files has failed. Null while none has.
  const error* sync_failure() const { return disk_->latch()->failure(); }
  /// Why the log refuses all changes until it is opened anew: an operation stopped half-way, and so did undoing it.
  /// Null where it is usable, or where sync_failure() says more.
  const error* must_reopen() const { return sync_failure() || !failure_ ? nullptr : &*failure_; }
  /// dirty(), sync, mark_synced() in one: for tests, tools and shutdown.
  result<void> sync();

  /// A mark for a new epoch at the end of the log; to be synced like an entry. True where it is new.
  result<bool> assign_epoch(leader_epoch_t epoch);
  /// The same with what it carries; `start` is the end of the log (offset_out_of_range else). A configuration is on
  /// disk before its mark is written, so this waits for the disk then.
  result<bool> assign_epoch(const peer::raft_mark& mark);

  /// Closes the active segment if it is not empty and begins a new one.
  result<void> roll(timestamp_ms now);
  /// Removes what is at or behind `offset`; a batch that reaches across goes whole. Epoch marks at the new end stay
  /// where their epoch is at most `keep_epoch`. Durable when it returns.
  result<void> truncate_to(offset_t offset, leader_epoch_t keep_epoch = std::numeric_limits<leader_epoch_t>::max());
  /// The same for a position that the log holds (offset_out_of_range else): marks of later epochs go as well. May block
  /// for long, as everything here that is durable when it returns: any thread may call it that owns the log meanwhile.
  result<void> truncate_to(raft::position to);
  /// Empties the log; it goes on at `offset`. Durable when it returns. A crash on the way leaves the old log or the
  /// new.
  result<void> reset_to(offset_t offset);
  /// The same for a log that goes on where another one does, with what that leaves behind. Nothing is touched where
  /// `from` is not sound (corrupt_message).
  result<void> reset_to(const log_beginning& from);
  /// Readers start at `before` from now on; whole segments below it are deleted, at the next retention where they
  /// cannot be at once. offset_out_of_range beyond the end.
  result<void> delete_records(offset_t before);
  /// Deletes segments that are too old or too many, never at or above `high_watermark`; then rolls the active segment
  /// when it is due. Returns how many segments went. Needs no space before that has been done which frees some.
  result<size_t> apply_retention(timestamp_ms now, offset_t high_watermark);
  /// Reads what apply_retention() would read, and changes nothing. Fails where that would for not being able to read.
  result<void> look_at_retention(timestamp_ms now, offset_t high_watermark);
  /// Forgets idempotent producers that have been silent for so long.
  void expire_producers(timestamp_ms now, int64_t expiration_ms) { producers_.expire(now, expiration_ms); }
  void update_settings(const topic_settings& settings) { settings_ = settings; }
  const topic_settings& settings() const { return settings_; }

  /// The first record with at least this timestamp, below `upper_bound`; nullopt where there is none.
  result<std::optional<timestamp_and_offset>> offset_for_timestamp(timestamp_ms timestamp, offset_t upper_bound);
  /// The largest timestamp of all records below `upper_bound` and the first record that has it; nullopt where there is
  /// none.
  result<std::optional<timestamp_and_offset>> max_timestamp(offset_t upper_bound);

  /// Moves the recovery point up to what is synced; call every few seconds while things are appended. Where files have
  /// to be synced before, it moves with the sync. The state of the producers is written where enough was appended since
  /// the last time: opening the log reads on from there.
  result<void> checkpoint();
  /// Syncs and writes everything, so that the next open has nothing to look at. The log is not used afterwards.
  result<void> close();

  /// The files of segments that have gone, still open: closing the last handle may take long (disk_worker).
  std::vector<file_ptr> take_removed() { return std::exchange(removed_, {}); }

  /// Whether closed segments wait for compaction, be it worth it already or not. Costs nothing.
  bool has_uncompacted() const {
    return settings_.cleanup_compact && compacted_upto_ < segments_.back()->base_offset();
  }
  /// Compaction in three steps, see compaction.hpp. What there is to do now: closed segments below the high
  /// watermark and the recovery point; nullopt where it is not worth it. One plan at a time.
  result<std::optional<compaction_plan>> plan_compaction(timestamp_ms now, offset_t high_watermark);
  /// Puts the outcome in the place of what it was made from, durably. operation_not_attempted where the log was cut
  /// meanwhile: nothing is changed then.
  result<void> swap_in(const compaction_result& outcome);

private:
  friend class log_opener;
  using segment_list = std::vector<std::unique_ptr<segment>>;

  struct dirty_file {
    file_ptr file;
    uint64_t stamp = 0;
  };
  /// Where a read ended: the next one probably begins there.
  struct read_hint {
    offset_t offset = -1;
    segment* in = nullptr;
    uint64_t position = 0;
  };

  partition_log(std::unique_ptr<latched_files> disk, std::string dir, const topic_settings& settings,
                const open_options& options, recovery_point_file point);

  segment& active() { return *segments_.back(); }
  /// The segment that holds `offset` (the last one that starts at or below it).
  size_t segment_index(offset_t offset) const;
  offset_t end_of(size_t index) const;
  bool gaps_allowed(const segment& s) const { return s.base_offset() < gaps_upto(); }

  peer::raft_mark with_configuration(const epoch_mark& m) const;
  tl::unexpected<error> does_not_hold(raft::position p) const;
  result<void> check_held(raft::position prev, bool& behind_start) const;

  result<void> check_usable() const;
  result<void> append_or_undo(std::span<const stamped_batch> batches, timestamp_ms now);
  result<void> check_follows(std::span<const stamped_batch> batches, bool may_leave_gaps = false) const;
  result<leader_epochs> check_copied(std::span<const peer::raft_mark> marks,
                                     std::span<const stamped_batch> batches) const;
  result<void> append_or_reserve(std::span<const stamped_batch> batches, timestamp_ms now);
  result<void> take_marks(leader_epochs with_new, std::span<const peer::raft_mark> marks);
  result<void> say_that_marks_come_first();
  void note_gaps(offset_t end, std::span<const stamped_batch> batches);
  void point_is_on_disk();
  void move_point_over_gaps();
  result<void> establish();
  result<void> append_all(std::span<const stamped_batch> batches, timestamp_ms now);
  void add_parts(const stamped_batch& b);
  result<size_t> append_run(std::span<const stamped_batch> batches);
  result<void> note_epochs(std::span<const stamped_batch> batches);
  bool fits(uint64_t size, const batch_header& next);
  result<void> begin_segment(timestamp_ms now);
  result<bool> roll_is_due(timestamp_ms now, const batch_header* next);
  result<void> undo_to(size_t segment_count, uint64_t active_size, offset_t end);

  /// Where a read begins.
  struct read_start {
    segment* in = nullptr;
    located_batch batch;
    bool gives_all = false; ///< to another replica

    /// Whether a batch belongs into the answer: many clients do not get over one without records.
    bool gives(const batch_header& h) const { return gives_all || batch.header.record_count == 0 || !h.is_empty(); }
  };

  result<std::optional<located_batch>> locate(offset_t offset, size_t index, segment::looked_for what);
  result<std::optional<located_batch>> skip_what_ends_before(segment& s, const located_batch& batch, offset_t offset);
  result<std::optional<read_start>> find_start(offset_t offset, offset_t upper_bound, segment::looked_for what);
  result<std::optional<timestamp_and_offset>> record_in(segment& s, const located_batch& batch, timestamp_ms timestamp,
                                                        offset_t from);
  result<time_entry> max_timestamp_in(segment& s, timestamp_ms least, offset_t upper_bound);
  result<read_result> read_at(const read_start& start, uint64_t max_bytes, offset_t upper_bound,
                              const std::shared_ptr<answer_memory>& memory);
  result<read_result> read_memory(const read_start& start, uint64_t limit, offset_t upper_bound);
  result<read_result> read_file(const read_start& start, uint64_t limit, offset_t upper_bound);
  void remember(offset_t offset, segment& s, uint64_t position);
  void forget_hints() { hints_ = {}; }

  void touch(file_ptr f);
  /// Comes before a name in the folder changes, so that a folder which cannot be opened changes nothing.
  result<void> touch_directory(const std::string& path);
  result<void> touch_all(segment& s);
  result<void> sync_folders();
  result<void> write_configurations();
  void forget_configurations_without_marks();
  result<void> write_epochs(bool durable);
  result<void> drop_stale_marks() { return stale_marks_ahead_ ? write_epochs(true) : result<void>{}; }
  result<void> write_epochs_version(const std::string& path, bool durable);
  result<void> publish_epochs(uint64_t ticket);
  result<void> drop_epochs_before(uint64_t number);
  bool snapshot_is_due() const;
  result<void> write_snapshot();
  result<void> prune_snapshots();
  recovery_point point_at_end();
  std::pair<uint32_t, uint32_t> segment_summary(offset_t upto) const;
  result<void> write_point(recovery_point p, bool durable);
  result<void> touch_point();
  void note_point_synced();
  void set_pending();
  bool pending_is_synced() const;
  result<void> advance_point();
  result<void> lower_point(const segment& s, uint64_t position, offset_t offset);

  result<void> all_or_reopen(result<void> done);
  result<void> cut_at(offset_t offset, leader_epoch_t keep_epoch);
  result<void> begin_anew(const log_beginning& from, producer_state producers);
  result<void> remove_all_segments();
  result<void> put_in_place(const log_beginning& from, producer_state producers);
  bool still_there(const compacted_group& group, size_t first) const;
  result<void> allow_gaps(offset_t base);
  result<void> swap_group(const compacted_group& group);
  result<void> remove_first_segments(size_t count);
  result<void> remove_last_segments(size_t keep);
  result<void> move_start(offset_t start, bool durable);
  void trim_epochs();
  result<void> remove_up_to(size_t count);
  result<void> renew_active(timestamp_ms now);
  result<size_t> expired_segments(timestamp_ms now, offset_t high_watermark);
  /// `empty_at`: an offset at which there were no producers. Returns whether snapshots were dropped.
  result<bool> rebuild_producers(offset_t empty_at);

  std::unique_ptr<latched_files> disk_;
  std::shared_ptr<std::atomic<bool>> is_gone_ = std::make_shared<std::atomic<bool>>(false); ///< for who compacts it
  std::string dir_;
  topic_settings settings_;
  open_options options_;
  segment_list segments_;
  leader_epochs epochs_;
  producer_state producers_;
  recovery_point_file point_file_;
  space_reserve reserve_;
  std::optional<recovery_point> pending_; ///< becomes the recovery point once everything below it is synced
  std::vector<offset_t> snapshots_;       ///< ascending
  uint64_t since_snapshot_ = 0;           ///< bytes behind the newest one, whose headers opening the log would read
  offset_t start_offset_ = 0;
  offset_t end_offset_ = 0;
  offset_t synced_offset_ = 0;
  offset_t compacted_upto_ = 0;
  offset_t gaps_upto_ = 0; ///< in what was copied
  /// Where offsets are missing behind the recovery point, of each append that left some out; ascending. From the first
  /// on nothing counts as synced before the point lies behind the last and is synced.
  struct gaps {
    offset_t first = 0;
    offset_t last = 0;
  };
  std::deque<gaps> gaps_behind_point_;
  leader_epoch_t synced_epoch_ = -1; ///< up to it all marks are on disk
  raft::configuration_history configurations_;
  bool configurations_unwritten_ = false; ///< their file holds what has no mark (any more)
  bool marks_come_first_ = false;         ///< recovery takes no batch without its mark
  timestamp_ms active_since_ = 0;
  bool established_ = false; ///< the folder and its recovery point have been synced once
  /// New versions of the epoch file that are to get its name once they are synced; ascending.
  struct waiting_epochs {
    uint64_t number = 0;
    uint64_t stamp = 0;
  };
  std::vector<waiting_epochs> waiting_epochs_;
  uint64_t next_epochs_number_ = 0;
  bool stale_marks_ahead_ = false; ///< on disk, behind the end: they are gone before anything is written there
  bool epochs_unwritten_ = false;  ///< the newest version lacks something: the next append, and the point, bring it
  std::optional<error> failure_;
  uint64_t stamp_ = 0;
  uint64_t pending_stamp_ = 0; ///< what was dirty when pending_ was taken
  uint64_t synced_ticket_ = 0;
  uint64_t sync_barrier_ = 0; ///< tickets below it were drawn before a truncation
  std::vector<file_ptr> removed_;
  std::vector<dirty_file> dirty_files_;
  std::vector<dirty_file> dirty_directories_;
  uint64_t point_stamp_ = 0;
  std::array<read_hint, 4> hints_{};
  size_t next_hint_ = 0;
  std::vector<header_bytes> headers_; ///< of one append; kept for its memory
  std::vector<bytes_view> parts_;     ///< likewise
};

} // namespace chisme::log
