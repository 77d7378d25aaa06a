// What the machine sees of a log. It never holds any record.
#pragma once

#include "actors/log/leader_epochs.hpp"
#include "actors/raft/configuration_history.hpp"
#include "actors/raft/position.hpp"

namespace chisme::raft {

/// The log as it is at the beginning of a step; it changes by the outputs only, and by retention and compaction.
struct log_view {
  offset_t start = 0;
  offset_t end = 0;
  position synced;                 ///< what lies before is on disk; where flushing is lazy: written
  const log::leader_epochs& marks; ///< those that are written, synced or not
  const configuration_history& configurations;

  leader_epoch_t last_epoch() const;
  position end_position() const { return {last_epoch(), end}; }
  /// Log matching: two logs that hold the same position are equal before it.
  bool holds(position p) const;
  /// The newest mark that is not newer than `epoch`, and where its epoch ends; before_all where there is none.
  position end_of(leader_epoch_t epoch) const;
  /// The epoch's mark is in front of the one who reads on at `offset`, and no later one.
  position at(offset_t offset) const { return {marks.epoch_of(offset - 1), offset}; }
};

} // namespace chisme::raft
