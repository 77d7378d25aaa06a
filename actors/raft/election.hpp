// Elections: who may be voted for, and one's own campaign.
#pragma once

#include "actors/raft/hard_state.hpp"
#include "actors/raft/log_view.hpp"
#include "actors/raft/steps.hpp"
#include "actors/raft/votes.hpp"

#include <optional>

namespace chisme::raft {

/// What a replica knows when it is asked for its vote.
struct voter {
  const hard_state& hard;
  position last;        ///< where its log ends
  bool may_vote = true; ///< it has not lost what it may have promised
  bool is_led = false;  ///< by somebody else than the candidate, or by itself, and believes that to go on
};

/// A vote in its own epoch: one each, and for nobody whose log lacks anything that its own has (Raft section 5.2,
/// 5.4.1).
bool grants_vote(const voter& v, node_id candidate, const peer::raft_vote_request& asked);
/// Whether it would vote in that epoch (Raft thesis, section 9.6).
bool grants_pre_vote(const voter& v, const peer::raft_vote_request& asked);
/// A leader that is alive is not to be disturbed, unless it wants that itself (thesis 4.2.3): as if nothing had come.
bool ignores(const voter& v, const peer::raft_vote_request& asked);

/// A replica that wants to lead.
class campaign {
public:
  enum class phase : uint8_t { pre_vote, vote };
  enum class kind : uint8_t {
    ordinary,
    transfer, ///< at the old leader's wish
    move,     ///< the leader itself, on its way to an epoch whose mark carries a configuration
  };

  /// `epoch`: the one to be led; it is the replica's own in phase vote only.
  campaign(phase p, kind k, leader_epoch_t epoch, node_id self, std::optional<configuration> next);

  phase now() const { return phase_; }
  leader_epoch_t epoch() const { return epoch_; }
  /// What the mark of the epoch shall carry.
  const std::optional<configuration>& next() const { return next_; }
  peer::raft_vote_request request(const peer::raft_group& group, position last) const;

  /// False: the answer is not one to what was asked.
  bool answered(node_id from, const peer::raft_vote_answer& answer);
  bool is_won(const configuration& voters) const { return votes_.elect(voters); }

private:
  phase phase_;
  kind kind_;
  leader_epoch_t epoch_;
  std::optional<configuration> next_;
  votes votes_;
};

} // namespace chisme::raft
