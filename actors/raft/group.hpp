// The consensus of one replica of a partition: Raft over a log whose entries are epoch marks and record batches. Pure:
// it is told what happened and what the log looks like, and says what shall be done.
//
//   unopened --> follower --(no leader, timer)--> candidate: pre-vote --> candidate: vote --> leader
//                   ^  ^------- a leader, or a newer epoch -----'              '  ^            |  |
//                   |                                                             '-- moves ---'  |
//                   '---------- a newer epoch, no majority is heard, removed ---------------------'
//
// A leader moves to a new epoch to change who votes: the configuration belongs to the epoch's mark. Membership, the
// flow to the followers and the commit are leader's business (leader.hpp), what is taken and cut follower's, who is
// voted for election's; here is who is what, and when.
//
// Liveness is a matter of nodes: nothing is sent, and no timer runs, for a group that has a leader and nothing new.
#pragma once

#include "actors/raft/election.hpp"
#include "actors/raft/follower.hpp"
#include "actors/raft/leader.hpp"
#include "actors/random_source.hpp"

#include <memory>

namespace chisme::raft {

enum class role : uint8_t { unopened, follower, candidate, leader, stopped };

class group {
public:
  /// `initial`: who votes where no mark of the log says anything else; the same for all replicas of the group, and for
  /// all times. Draws a seed from `random`.
  group(peer::raft_group id, node_id self, configuration initial, const options& how, random_source& random);

  void step(const input_variant& in, const log_view& log, outputs& out);

  role now() const { return role_; }
  /// The newest epoch that it knows of.
  leader_epoch_t epoch() const { return hard_.term; }
  /// Of that epoch; nobody where it is not known.
  node_id leader_id() const { return leader_; }
  /// It has a leader, or is one, and believes that to go on. Who gets heartbeats says so again while this is false.
  bool is_led() const { return role_ == role::leader || is_leader_trusted_; }
  offset_t high_watermark() const { return commit_; }
  /// That of the log, committed or not.
  const configuration& voters() const { return voters_; }
  const hard_state& hard() const { return hard_; }
  /// It leads, its mark is committed, and it does not hand over.
  bool takes_appends() const;
  /// A change of the voters is under way here, or waits for new ones to catch up.
  bool changes_voters() const { return voters_.is_joint() || (leading_ && leading_->waits_for_voters()); }
  bool is_established() const { return leading_ && leading_->is_established(); }
  /// As clients see it: voters that are heard and are sent what is appended as it comes. Only the leader knows.
  std::vector<node_id> in_sync() const;
  size_t in_sync_count() const { return leading_ ? leading_->in_sync_count(voters_) : 0; }
  /// Whether in_sync() would say these. Allocates nothing.
  bool are_in_sync(const std::vector<node_id>& nodes) const;
  /// Up to where at least so many voters hold the log on their disks; only the leader knows, else 0.
  offset_t held_by(size_t voters) const;
  /// Nobody but this replica has to do with the group.
  bool is_alone() const { return voters_.is_alone(self_) && !(leading_ && leading_->has_followers()); }
  /// All that have to do with the group, as far as it is known here: voters, and who is sent the log. Each once,
  /// sorted.
  std::vector<node_id> members() const;
  /// Bytes that it has taken beside its own size, about.
  size_t memory() const;

private:
  using context = leader::context;
  enum class alarm : uint8_t { none, election, retry };

  void on(const input::opened& x, context c);
  void on(const input::stored&, context c);
  void on(const input::appended&, context) {}
  void on(const input::append_failed&, context c);
  void on(const input::copied&, context c);
  void on(const input::copy_failed&, context c);
  void on(const input::synced&, context) {}
  void on(const input::timer&, context c);
  void on(const input::leader_silent&, context c);
  void on(const input::peer_silent& x, context c);
  void on(const input::peer_heard& x, context c);
  void on(const input::peer_restarted& x, context c);
  void on(const input::heartbeat& x, context c);
  void on(const input::transfer& x, context c);
  void on(const input::reconfigure& x, context c);
  void on(const input::forget& x, context c);
  void on(const input::stop&, context c);
  void on(const input::replicated& x, context c);
  void on(const input::not_sent& x, context c);
  void on(const input::sendable& x, context c);
  void on(const input::announce&, context c);
  void on(const input::vote_request& x, context c);
  void on(const input::vote_answer& x, context c);
  void on(const input::append& x, context c);
  void on(const input::append_answer& x, context c);
  void on(const input::reset& x, context c);
  void on(const input::timeout_now& x, context c);
  void on(const input::follow& x, context c);

  // -- what every step looks at ----------------------------------------------------------------------------------
  void note_configuration(const log_view& log);
  void heed(context c);
  void heed_leadership(context c);
  void heed_following(context c);
  void set_alarm(context c);

  // -- roles -------------------------------------------------------------------------------------------------------
  /// Takes note of a newer epoch, as somebody who follows nobody, and perhaps votes in it.
  void adopt(leader_epoch_t epoch, node_id vote, context c);
  void follow(node_id leader, context c);
  void greet(node_id first, context c);
  void lose_leader(uint32_t patience_ms);
  void campaign_for(campaign::phase p, campaign::kind k, std::optional<configuration> next, context c);
  void ask_for_votes(context c);
  void count_votes(context c);
  void lead(context c);
  void lead_alone(leader_epoch_t told, context c);
  /// From a leader of `epoch`: false where that one is over, which it is told.
  bool hear_leader(node_id from, leader_epoch_t epoch, context c);
  void ask_to_be_sent(context c);

  void store(context c);
  /// Speaks of the hard state: waits until it is on disk.
  void say(output::send what, context c);
  bool is_silent(node_id node) const { return std::ranges::find(silent_, node) != silent_.end(); }
  bool may_vote() const { return !hard_.has_lost_disk; }
  /// "A server that is not part of its own latest configuration should still start new elections, as it might still be
  /// needed until the C_new entry is committed" (Raft thesis, 4.2.2): nobody else may have that mark.
  bool may_campaign() const {
    return may_vote() && (voters_.is_voter(self_) || was_voter_) && !following_.is_copying();
  }
  void note_loss(leader_epoch_t heard, context c);
  void note_admission(const log_view& log, context c);
  uint32_t random_below(uint32_t limit);
  uint32_t election_patience();

  peer::raft_group id_;
  node_id self_;
  options how_;
  uint64_t random_;
  configuration initial_;
  configuration voters_;
  leader_epoch_t voters_since_ = -1; ///< the mark that carries them; -1: the initial ones
  bool was_voter_ = false;           ///< in the configuration before that
  role role_ = role::unopened;
  alarm alarm_ = alarm::none;
  bool is_leader_trusted_ = false;
  bool votes_are_due_ = false; ///< to be asked for when the hard state is on disk
  uint32_t stores_ = 0;        ///< under way
  uint32_t patience_ms_ = 0;   ///< without a leader, before the next campaign
  hard_state hard_;
  node_id leader_ = nobody;
  offset_t commit_ = 0;
  follower following_;
  std::unique_ptr<campaign> campaign_;
  std::unique_ptr<leader> leading_;
  std::vector<node_id> silent_;
  std::vector<output::send> parked_; ///< speak of a hard state that is not on disk yet
};

} // namespace chisme::raft
