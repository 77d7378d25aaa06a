// What the messages of Raft between two replicas of a partition have in common: which group, a place in a log, and
// epoch marks with the configurations that they carry.
#pragma once

#include "messages/ids.hpp"
#include "messages/wire/versions.hpp"

#include <compare>
#include <optional>
#include <string_view>
#include <vector>

namespace chisme::peer {

/// The partition whose replicas talk. By id: a topic that was deleted and created again is another one.
struct raft_group {
  uuid topic_id;
  partition_index partition = 0;

  static void visit(auto& f, auto& x) {
    f("topic_id", x.topic_id);
    f("partition", x.partition);
  }
  friend auto operator<=>(const raft_group&, const raft_group&) = default;
};

/// A place in a log: all entries before `offset`, and all epoch marks up to `epoch`. Ordered as Raft orders logs: by
/// the epoch of the last entry, then by length (actors/raft/position.hpp).
struct raft_position {
  leader_epoch_t epoch = -1;
  offset_t offset = 0;

  static void visit(auto& f, auto& x) {
    f("epoch", x.epoch);
    f("offset", x.offset);
  }
  friend auto operator<=>(const raft_position&, const raft_position&) = default;
};

/// The voters; in a joint configuration also those that leave: majorities of both decide (Raft section 6).
struct raft_configuration {
  std::vector<node_id> voters;
  std::vector<node_id> outgoing;

  static void visit(auto& f, auto& x) {
    f("voters", x.voters);
    f("outgoing", x.outgoing);
  }
  friend bool operator==(const raft_configuration&, const raft_configuration&) = default;
};

/// The first entry of an epoch. One that carries no configuration leaves the one before it in force.
struct raft_mark {
  leader_epoch_t epoch = 0;
  offset_t start = 0;
  std::optional<raft_configuration> config;

  static void visit(auto& f, auto& x) {
    f("epoch", x.epoch);
    f("start", x.start);
    f("config", x.config);
  }
  friend bool operator==(const raft_mark&, const raft_mark&) = default;
};

} // namespace chisme::peer
