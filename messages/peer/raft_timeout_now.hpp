// From a leader that hands its leadership over: campaign at once (Raft thesis, section 3.10).
#pragma once

#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

struct raft_timeout_now {
  static constexpr std::string_view type_name = "raft_timeout_now";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  raft_group group;
  leader_epoch_t epoch = 0; ///< the sender leads in it

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
  }
  friend bool operator==(const raft_timeout_now&, const raft_timeout_now&) = default;
};

} // namespace chisme::peer
