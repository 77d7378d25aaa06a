// What a replica of a partition does next. Pure: it is told what happened and what its log looks like, and says what
// shall be done; partition_actor does it and tells how that went.
//
//   opening -> recovering -> serving -> closing -> ended
//      ^   \        \           |
//      |    \        \          v
//      +---- failed <--+--------+          an open that failed may be tried again; a failed sync is final
//
// Invariants: one sync is under way at a time, and what comes meanwhile shares the next one. Nothing is committed that
// is not synced, but where the topic is lazy. What was found at the start is synced before anybody is served (P1, P2).
// Only a failed sync ends serving for good; an append that fails is answered, and the next one tried.
//
// The group has one voter so far, so the replica leads from the moment it serves. What a follower, a candidate and a
// leader of many do joins here: their inputs come beside these, their reports go to the same commit_tracker.
#pragma once

#include "actors/partition/commit_tracker.hpp"
#include "actors/partition/replica_steps.hpp"

#include <deque>

namespace chisme::partition {

class replica {
public:
  /// To be opened: the first action is open_log.
  replica(node_id self, configuration voters, flush_mode flush)
    : self_(self), voters_(std::move(voters)), flush_(flush) {}

  /// `out` gets the actions in the order in which they are to be done. `log`: as it is now; before it is open, empty.
  void step(const replica_input& in, const log_view& log, replica_actions& out);

  /// Why a reader who believes in this leader epoch (-1: no opinion) is refused; none where it is not. KIP-320.
  error_code refuses(leader_epoch_t believed) const;
  /// Up to where the log may be cut at its beginning: `before`, or the high watermark where it is -1.
  result<offset_t> deletable(offset_t before) const;
  /// Appends are answered when they are committed by as many as that.
  const configuration& voters() const { return voters_; }
  leader_epoch_t epoch() const { return epoch_; }
  offset_t high_watermark() const { return commits_ ? commits_->high_watermark() : -1; }

private:
  enum class phase : uint8_t { opening, recovering, serving, closing, failed, ended };
  enum class compaction : uint8_t { idle, asked_for, running, failed };

  struct written {
    offset_t end_offset;
    uint64_t bytes;
  };
  /// One step: the log as it was at its beginning, and where the actions go.
  struct context {
    const log_view& log;
    replica_actions& out;
  };

  void on(const input::opened&, context c);
  void on(const input::open_failed& x, context c);
  void on(const input::append_arrived&, context c);
  void on(const input::append_due&, context c);
  void on(const input::appended& x, context c);
  void on(const input::append_failed& x, context c);
  void on(const input::synced&, context c);
  void on(const input::sync_failed& x, context c);
  void on(const input::log_changed&, context) {}
  void on(const input::settings_changed& x, context c);
  void on(const input::housekeeping_due&, context c);
  void on(const input::retained&, context c);
  void on(const input::checkpoint_due&, context c);
  void on(const input::checkpointed&, context c);
  void on(const input::compaction_due&, context c);
  void on(const input::compaction_put_off&, context c);
  void on(const input::compaction_done&, context c);
  void on(const input::swapped_in&, context c);
  void on(const input::compaction_failed& x, context c);
  void on(const input::reopen_due&, context c);
  void on(const input::closed&, context c);
  void on(const input::stop& x, context c);

  /// It has a log and may change it.
  bool is_usable() const { return phase_ == phase::recovering || phase_ == phase::serving; }
  bool is_stopping() const { return stop_.has_value(); }
  void heed_log(context c);
  void heed_rest(bool some_wait, context c);
  void fail_for_good(const error& why, context c);
  void want_sync(context c);
  void all_synced(context c);
  void go_on(context c);
  void advance(offset_t synced, context c);
  void want_checkpoint(context c);
  void want_compaction(context c);
  void close(context c);
  void let_go(context c);
  void end(std::optional<error> why, context c);

  node_id self_;
  configuration voters_;
  flush_mode flush_;
  phase phase_ = phase::opening;
  std::optional<error> failure_; ///< of phase failed
  bool has_log_ = false;
  leader_epoch_t epoch_ = -1;
  std::optional<commit_tracker> commits_;
  std::deque<written> uncommitted_;
  bool append_is_scheduled_ = false;
  bool appends_fail_ = false; ///< said once
  bool is_syncing_ = false;
  bool checkpoint_asked_for_ = false;
  bool checkpoint_is_due_ = false; ///< to be taken when the sync under way is done
  compaction compaction_ = compaction::idle;
  std::optional<input::stop> stop_;
};

} // namespace chisme::partition
