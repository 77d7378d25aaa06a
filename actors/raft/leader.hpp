// What a leader does beside being elected: it copies its log to the followers, counts what they have synced, hands its
// leadership over, and waits for the right moment to change who votes.
#pragma once

#include "actors/raft/commit_tracker.hpp"
#include "actors/raft/log_view.hpp"
#include "actors/raft/progress.hpp"
#include "actors/raft/steps.hpp"

#include <optional>

namespace chisme::raft {

class leader {
public:
  /// One step of the machine.
  struct context {
    const log_view& log;
    outputs& out;
  };

  /// `mark_is_due`: a group of one whose epoch's mark comes with the first append.
  leader(peer::raft_group group, node_id self, leader_epoch_t epoch, offset_t commit, bool mark_is_due,
         const options& how);

  /// Looks at the log: the mark may be there now, or more to be sent, or to be counted. Any number of times.
  void heed_log(const configuration& voters, const std::vector<node_id>& silent, context c);

  void sent(const input::replicated& x, context c);
  void not_sent(const input::not_sent& x, context c);
  void sendable(node_id to, context c);
  void announce(context c);
  void answered(node_id from, const peer::raft_append_answer& answer, context c);
  void follow(node_id from, const peer::raft_follow& message, bool is_silent, context c);

  void silent(node_id node);
  void forget(node_id observer);
  void heard(node_id node, context c);
  void restarted(node_id node, context c);
  void tick(context c);

  void transfer(node_id to, const configuration& voters, context c);
  void reconfigure(std::vector<node_id> voters, const configuration& now, const std::vector<node_id>& silent,
                   context c);
  /// The configuration that the next epoch's mark shall carry, when it is time for it.
  std::optional<configuration> next_configuration(const configuration& now) const;
  /// Up to where so many voters hold the log on their disks.
  offset_t held_by(size_t voters) const { return commits_ ? commits_->held_by(voters) : 0; }
  /// The mark of a configuration without this leader is committed.
  bool is_removed(const configuration& now) const { return is_established_ && !now.is_joint() && !now.is_voter(self_); }
  /// The one to lead after it; nobody where none is near.
  node_id successor(const configuration& now) const;

  offset_t high_watermark() const { return commit_; }
  bool is_established() const { return is_established_; }
  bool waits_for_voters() const { return !wanted_.empty(); }
  bool is_handing_over() const { return transfer_to_ != nobody; }
  bool needs_timer() const;
  /// All that it sends its log to, in no order.
  void add_followers(std::vector<node_id>& out) const;
  bool has_followers() const { return !followers_.empty(); }
  /// Voters whose disk is not far.
  std::vector<node_id> in_sync(const configuration& now) const;
  size_t in_sync_count(const configuration& now) const;
  bool is_in_sync(node_id voter) const;
  /// Bytes on the heap, about.
  size_t memory() const;

private:
  progress* find(node_id node);
  const progress* find(node_id node) const;
  void add(node_id node, position from, bool silent);
  void mark_is_there(const configuration& voters, const std::vector<node_id>& silent, const log_view& log);
  void count(node_id node, position synced, context c);
  void count_self(const configuration& voters, context c);
  void establish(context c);
  void commit(offset_t offset, context c);
  void pump(progress& p, context c);
  void hand_over(context c);
  position common_with(position hint, const log_view& log) const;
  bool has_caught_up(node_id node) const;
  std::optional<configuration> without_lost_disks(const configuration& now) const;
  std::optional<configuration> with_one_taken_in(const configuration& now) const;
  bool can_decide(const configuration& c) const;

  peer::raft_group group_;
  node_id self_;
  leader_epoch_t epoch_;
  offset_t commit_;
  bool mark_is_due_;
  bool is_established_ = false;
  options how_;
  std::vector<progress> followers_;       ///< voters and observers
  std::optional<commit_tracker> commits_; ///< from when the mark is in the log
  node_id transfer_to_ = nobody;
  bool timeout_is_sent_ = false;
  uint32_t transfer_ticks_ = 0;
  std::vector<node_id> wanted_; ///< voters to come, when they have caught up
};

} // namespace chisme::raft
