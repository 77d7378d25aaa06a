// The answer to raft_append and raft_reset; also sent unasked to who believes that it leads and does not any more.
#pragma once

#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

enum class raft_append_outcome : int8_t {
  synced = 0,   ///< up to `at` the follower's log is the leader's, and on its disk
  diverged = 1, ///< the follower does not hold `prev`; `at` is where its log may part (KIP-101, KIP-595)
  stale = 2,    ///< the message's epoch is over: `epoch` tells the newer one
  observed = 3, ///< as synced, of a replica that has lost its disk: it does not count, and is to be taken in anew
};

struct raft_append_answer {
  static constexpr std::string_view type_name = "raft_append_answer";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  raft_group group;
  leader_epoch_t epoch = 0; ///< the answerer's
  raft_append_outcome outcome = raft_append_outcome::synced;
  raft_position at;
  raft_position prev; ///< diverged: that of the message refused

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("outcome", x.outcome);
    f("at", x.at);
    f("prev", x.prev);
  }
  friend bool operator==(const raft_append_answer&, const raft_append_answer&) = default;
};

} // namespace chisme::peer
