// A place in a log: where it ends, and in which leader epoch.
#pragma once

#include "messages/ids.hpp"

#include <compare>

namespace chisme::partition {

/// Two logs that end at the same offset need not be the same, and an epoch's mark shares its offset with the batch
/// behind it: only (epoch, offset) says how far a log is (Raft section 5.4.1, "more up-to-date"; KIP-101). Ordered as
/// Raft orders logs: by the epoch of the last entry, then by length.
struct position {
  leader_epoch_t epoch = -1;
  offset_t offset = 0;

  friend auto operator<=>(const position&, const position&) = default;
};

} // namespace chisme::partition
