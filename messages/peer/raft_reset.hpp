// InstallSnapshot (Raft figure 13) of a log: the follower needs what lies before the leader's log start, so its log
// begins anew there. What the log before that point leaves behind is the epochs, who votes, and the producers.
#pragma once

#include "messages/buffer.hpp"
#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

struct raft_reset {
  static constexpr std::string_view type_name = "raft_reset";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = wire::never;

  raft_group group;
  leader_epoch_t epoch = 0;     ///< the sender leads in it
  raft_position start;          ///< the leader's log start; committed
  std::vector<raft_mark> marks; ///< up to `start`; the last one carries the configuration that is in force there
  offset_t commit = 0;
  buffer producers; ///< the state of the producers at `start`, as log/producer_state writes it

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("start", x.start);
    f("marks", x.marks);
    f("commit", x.commit);
    f("producers", x.producers);
  }
};

} // namespace chisme::peer
