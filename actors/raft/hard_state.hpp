// What a replica has to know after a restart beside its log (Raft figure 2, "persistent state").
#pragma once

#include "messages/ids.hpp"

namespace chisme::raft {

inline constexpr node_id nobody = -1;

/// On disk, synced, before any message leaves that speaks of it.
struct hard_state {
  leader_epoch_t term = -1; ///< the newest leader epoch heard of; -1: never stored
  node_id voted_for = nobody;
  /// The disk was lost, and with it votes, promises and entries on which others may rely. Raft has no such replica: it
  /// may neither vote nor campaign, nor does what it holds count for a commit (it may have promised not to help the
  /// leader that it hears now), before it was taken in anew, by a configuration that is newer than `lost_until`. Until
  /// then a leader copies its log to it. Who opens the replica has to know (a node whose data folder is another one).
  bool has_lost_disk = false;
  /// The newest leader's that was heard of while the own log did not say that this replica votes no more; -1: none yet.
  /// What the log says of older ones was before the loss, perhaps.
  leader_epoch_t lost_until = -1;

  friend bool operator==(const hard_state&, const hard_state&) = default;
};

} // namespace chisme::raft
