// A replica of a partition: the shell around its log.
//
//   append_batch --collect--> drain --> append_stage --> one write --> flusher --> commit_tracker --> acks, readers
//
// What arrives while a write or a sync is under way goes into the next one. Decisions are in the machines beside
// this file: append_stage (what may be appended), commit_tracker (what is committed), ack_queue and fetch_waiters
// (who is told). This group has one replica so far; followers will report to the same commit_tracker.
//
// Lifecycle: opens its log when it starts, syncs what it found, and tells the supervisor how that went; where it could
// not, it tries again when it is told to. A log whose sync failed serves nothing any more, because what is on disk is
// unknown until it is opened anew. Everything else passes: an append that fails, for want of space say, is answered and
// the next one tried.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/log/partition_log.hpp"
#include "actors/partition/ack_queue.hpp"
#include "actors/partition/append_stage.hpp"
#include "actors/partition/commit_tracker.hpp"
#include "actors/partition/fetch_waiters.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <optional>

namespace chisme::partition {

/// What every replica of a node shares.
struct surroundings {
  node_id self = 0;
  std::shared_ptr<log::files> disk;
  std::function<timestamp_ms()> wall_clock;
  flusher::flusher_actor flusher;
  cleaner::cleaner_actor cleaner;
  supervisor::supervisor_actor supervisor;
  int64_t producer_expiration_ms = 86'400'000;
  size_t most_producers = log::producer_state::default_most;
};

struct replica_config {
  topic_partition name;
  supervisor::replica_key key;
  std::string directory;
  topic_settings settings;
  bool existed = false; ///< the topic is older than this start of the node, or was open before: there should be a log
};

class partition final : public partition_actor::base {
public:
  partition(caf::actor_config& config, surroundings around, replica_config replica);

  const char* name() const override { return "partition"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;
  void open();
  result<void> open_log();
  void begin_serving();
  void report(error_code code);

  // -- appending -------------------------------------------------------------------------------------------------

  void collect(append_batch& batch);
  void append_collected();
  void written(append_stage& stage);
  void not_written(append_stage& stage, const error& why);

  // -- durability ------------------------------------------------------------------------------------------------

  void flush();
  void flushed(const log::unsynced& what, const std::string& failure);
  void advance(offset_t synced);
  void fail_for_good(const error& why);
  void heed_log();
  void want_checkpoint();
  void take_checkpoint();

  // -- reading ---------------------------------------------------------------------------------------------------

  read_result read(const read_request& r);
  offset_result find_offset(const list_offset_request& r);
  epoch_end_result find_epoch_end(const epoch_end_request& r);
  error_code check_epoch(leader_epoch_t believed) const;
  delete_records_result delete_records(offset_t before);

  // -- upkeep ----------------------------------------------------------------------------------------------------

  void keep_house(int64_t producer_expiration_ms);
  void want_compaction();
  void compact();
  void compacted(const cleaner::clean_result& r);
  void stop(bool remove);
  void close_log();
  void let_go();

  offset_t high_watermark() const { return tracker_->high_watermark(); }
  std::string label() const { return to_string(replica_.name); }

  struct written_bytes {
    offset_t end_offset;
    uint64_t bytes;
  };

  surroundings around_;
  replica_config replica_;
  std::unique_ptr<log::partition_log> log_;
  std::optional<commit_tracker> tracker_;
  leader_epoch_t epoch_ = -1;
  bool serving_ = false; // what was found at the start has been synced
  std::optional<error> failed_;
  bool refusing_ = false; // the last write failed; say so once

  std::vector<append_request> collected_;
  ack_queue acks_;
  fetch_waiters readers_;
  std::deque<written_bytes> uncommitted_;

  bool flushing_ = false;
  bool checkpoint_asked_ = false; // the supervisor was asked for a reminder
  bool checkpoint_due_ = false;   // to be taken when the flush under way is done
  bool compaction_asked_ = false; // the supervisor was asked for a reminder
  bool compacting_ = false;
  bool compaction_failed_ = false; // not tried again before the next housekeeping
  std::optional<stop_request> stopping_;
};

/// A port to a replica that is an actor of this process.
port_ptr make_port(partition_actor to);

} // namespace chisme::partition
