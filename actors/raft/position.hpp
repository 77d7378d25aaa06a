// A place in a log: where it ends, and in which leader epoch.
#pragma once

#include "messages/peer/raft_types.hpp"

namespace chisme::raft {

/// Two logs that end at the same offset need not be the same, and an epoch's mark shares its offset with the batch
/// behind it: only (epoch, offset) says how far a log is (Raft section 5.4.1, "more up-to-date"; KIP-101). (5, 7) lies
/// behind the mark of epoch 5 if that starts at 7, (4, 7) before it.
using position = peer::raft_position;

/// Before the first entry of a log that begins at 0.
inline constexpr position before_all{-1, 0};

} // namespace chisme::raft
