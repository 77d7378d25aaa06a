// The timers of a node's supervision.
#pragma once

#include "actors/supervisor/messages.hpp"

#include <cstdint>
#include <variant>

namespace chisme::supervisor {

namespace timer {

/// Try again what failed: to open the replica, to start it, to remove its folder.
struct attempt {
  replica_key key;
  friend bool operator==(const attempt&, const attempt&) = default;
};
/// Start the coordinator of its groups again.
struct groups_attempt {
  replica_key key;
  friend bool operator==(const groups_attempt&, const groups_attempt&) = default;
};
/// Replicas that asked for it shall take their checkpoints.
struct checkpoint {
  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};
/// Replicas that asked for it shall look for something to compact. Of an earlier number: the interval has changed
/// since.
struct compaction {
  uint64_t number = 0;
  friend bool operator==(const compaction&, const compaction&) = default;
};
struct housekeeping {
  friend bool operator==(const housekeeping&, const housekeeping&) = default;
};
/// Leadership shall go back to those whom the partitions prefer.
struct balance {
  friend bool operator==(const balance&, const balance&) = default;
};
/// The node ends, whether or not all that it led is led by others.
struct farewell {
  friend bool operator==(const farewell&, const farewell&) = default;
};

} // namespace timer

using any_timer = std::variant<timer::attempt, timer::groups_attempt, timer::checkpoint, timer::compaction,
                               timer::housekeeping, timer::balance, timer::farewell>;

} // namespace chisme::supervisor
