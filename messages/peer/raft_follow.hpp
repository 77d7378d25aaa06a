// To the leader: send me the log. From an observer, and from any replica that hears of a leader but nothing from it. To
// who is to lead a new group at first: I am there, and free to vote.
#pragma once

#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

struct raft_follow {
  static constexpr std::string_view type_name = "raft_follow";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  raft_group group;
  leader_epoch_t epoch = 0; ///< that of the leader, as the sender believes
  raft_position last;       ///< where the sender's log ends

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("last", x.last);
  }
  friend bool operator==(const raft_follow&, const raft_follow&) = default;
};

} // namespace chisme::peer
