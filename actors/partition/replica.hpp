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
// Who leads and what is committed is raft::group's to say (actors/raft): once what was found has been synced, it is
// told of everything that concerns it, and what it wants done is either done here or passed on as an action. A group of
// one leads itself from its first step on.
#pragma once

#include "actors/partition/replica_steps.hpp"
#include "actors/raft/group.hpp"

#include <deque>

namespace chisme::partition {

using raft::configuration;

class replica {
public:
  /// To be opened: the first action is open_log. `voters`: those that the group began with.
  replica(peer::raft_group id, node_id self, configuration voters, flush_mode flush, const raft::options& how,
          random_source& random, int32_t min_in_sync = 1)
    : self_(self), flush_(flush), min_in_sync_(min_in_sync), group_(id, self, std::move(voters), how, random) {}

  /// `out` gets the actions in the order in which they are to be done. `log`: as it is now; before it is open, empty.
  void step(const replica_input& in, const log_view& log, replica_actions& out);

  /// Why a client who believes in this leader epoch (-1: no opinion) is refused; none where it is not. KIP-320.
  error_code refuses(leader_epoch_t believed) const;
  /// It has a log, of which what is committed can be read, whoever leads.
  bool is_readable() const { return has_log_ && phase_ == phase::serving; }
  /// Up to where the log may be cut at its beginning: `before`, or the high watermark where it is -1.
  result<offset_t> deletable(offset_t before) const;
  /// Appends are answered when they are committed by as many as that.
  const configuration& voters() const { return group_.voters(); }
  /// Of which a majority decides, and those that are sent what is appended as it comes; only the leader knows.
  std::vector<node_id> in_sync() const { return group_.in_sync(); }
  size_t in_sync_count() const { return group_.in_sync_count(); }
  bool are_in_sync(const std::vector<node_id>& nodes) const { return group_.are_in_sync(nodes); }
  /// Clients are told these.
  node_id leader() const { return leads_ ? self_ : group_.leader_id(); }
  /// As other nodes are to believe: nobody where that is not certain.
  node_id believed_leader() const { return group_.is_led() ? group_.leader_id() : raft::nobody; }
  leader_epoch_t term() const { return group_.epoch(); }
  /// All that have to do with the group.
  std::vector<node_id> members() const { return group_.members(); }
  leader_epoch_t epoch() const { return epoch_; }
  bool leads() const { return leads_; }
  /// Who waits for acks=all is answered up to there: it is committed, and as many replicas have it as the topic asks
  /// for, which may be more than a majority.
  offset_t acknowledged() const;
  /// -1: nothing is known to be committed.
  offset_t high_watermark() const { return phase_ == phase::opening || !was_opened_ ? -1 : group_.high_watermark(); }

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
  void on(const input::log_changed&, context c);
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
  void on(const input::from_peer& x, context c);
  void on(const input::mark_written&, context c);
  void on(const raft::input::copied& x, context c);
  /// Of what is left, the consensus is told as it is.
  template <class Input>
  void on(const Input& x, context c) {
    consult(x, c);
  }

  // -- the consensus (replica_consensus.cpp) -----------------------------------------------------------------------

  void begin(context c);
  void consult(const raft::input_variant& in, context c);
  void heed(const raft::output::follow& x, context c);
  void heed(const raft::output::candidate& x, context c);
  void heed(const raft::output::lead& x, context c);
  void heed(const raft::output::established& x, context c);
  void heed(const raft::output::commit& x, context c);
  /// Somebody else does it.
  template <class Output>
  void heed(const Output& x, context c) {
    c.out.push_back(x);
  }
  void leave_group(context c);
  void tell_peers(context c);
  void step_down(const error& why, context c);
  void note_synced(context c);
  void answer_committed(context c);
  bool asks_for_more_than_a_majority() const;
  void heed_holders(context c);
  void heed_start(context c);
  void go_on_with_appends(context c);
  /// A leader that hands over takes nothing more: the one to come would have to wait for it, too.
  bool may_append() const { return leads_ && group_.takes_appends(); }

  /// It has a log and may change it.
  bool is_usable() const { return phase_ == phase::recovering || phase_ == phase::serving; }
  bool is_stopping() const { return stop_.has_value(); }
  void heed_log(context c);
  void heed_rest(bool some_wait, context c);
  void fail_for_good(const error& why, context c);
  void schedule_append(context c);
  void want_sync(context c);
  void all_synced(context c);
  void go_on(context c);
  void want_checkpoint(context c);
  void want_compaction(context c);
  void close(context c);
  void let_go(context c);
  void end(std::optional<error> why, context c);

  node_id self_;
  flush_mode flush_;
  int32_t min_in_sync_;
  raft::group group_;
  input::opened found_;     ///< when it was opened
  bool was_opened_ = false; ///< the consensus has begun
  raft::outputs outputs_;   ///< of one step; kept for its memory
  phase phase_ = phase::opening;
  std::optional<error> failure_; ///< of phase failed
  bool has_log_ = false;
  bool leads_ = false;     ///< and clients may come
  bool is_moving_ = false; ///< a leader on its way to a new epoch: clients wait
  leader_epoch_t epoch_ = -1;
  std::deque<written> uncommitted_;
  bool append_is_scheduled_ = false;
  bool appends_wait_ = false;     ///< for the end of a leadership transfer
  offset_t acknowledged_ = 0;     ///< as it was told last, where more than a majority is asked for
  offset_t refused_up_to_ = 0;    ///< likewise
  offset_t announced_start_ = -1; ///< where the log of a leader begins, as followers were told
  offset_t told_start_ = -1;      ///< where the leader's log begins, and this one is to; -1: nothing was said
  bool appends_fail_ = false;     ///< said once
  bool is_syncing_ = false;
  bool checkpoint_asked_for_ = false;
  bool checkpoint_is_due_ = false; ///< to be taken when the sync under way is done
  compaction compaction_ = compaction::idle;
  std::optional<input::stop> stop_;
};

} // namespace chisme::partition
