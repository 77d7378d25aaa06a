// RequestVote and its answer (Raft figure 2), also for the pre-vote that asks without changing anything (Raft thesis,
// section 9.6).
#pragma once

#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

struct raft_vote_request {
  static constexpr std::string_view type_name = "raft_vote_request";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  raft_group group;
  leader_epoch_t epoch = 0; ///< in which the sender wants to lead
  raft_position last;       ///< where the sender's log ends
  bool pre_vote = false;    ///< "would you?": the sender is not in that epoch yet
  bool transfer = false;    ///< the leader wants it: also who believes in that leader may vote (thesis 4.2.3)

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("last", x.last);
    f("pre_vote", x.pre_vote);
    f("transfer", x.transfer);
  }
  friend bool operator==(const raft_vote_request&, const raft_vote_request&) = default;
};

struct raft_vote_answer {
  static constexpr std::string_view type_name = "raft_vote_answer";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  raft_group group;
  leader_epoch_t epoch = 0; ///< granted: the one asked for; else the answerer's own
  bool pre_vote = false;
  bool granted = false;

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("pre_vote", x.pre_vote);
    f("granted", x.granted);
  }
  friend bool operator==(const raft_vote_answer&, const raft_vote_answer&) = default;
};

} // namespace chisme::peer
