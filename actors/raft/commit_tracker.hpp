// How far a partition is committed: the offset that a majority of the replicas holds on disk.
//
// Raft's matchIndex and commitIndex (Raft paper, section 5.3 and figure 2), with Kafka's names. Each voter reports how
// far its log is synced; the high watermark is the largest offset that a majority has reached, of a joint configuration
// both majorities (section 6). It never moves back. A replication group of one has itself as the majority: its high
// watermark is what it has synced itself. An entry counts only in the leader's own epoch (Raft section 5.4.2): a voter
// whose log ends in another epoch does not have the leader's mark and does not count, however long its log is.
#pragma once

#include "actors/raft/configuration.hpp"
#include "actors/raft/position.hpp"

#include <optional>

namespace chisme::raft {

class commit_tracker {
public:
  /// A leader's tracker. `high_watermark` is what was known to be committed before this epoch began at
  /// `epoch_start`; it may not lie behind it.
  commit_tracker(const configuration& voters, position epoch_start, offset_t high_watermark);

  /// `voter` holds everything before `end` on disk. Returns the new high watermark if it moved.
  /// Reports from others than voters, of another epoch and that go back are ignored.
  std::optional<offset_t> synced(node_id voter, position end);

  offset_t high_watermark() const { return high_watermark_; }
  /// Before it, so many voters hold everything on disk; 0: fewer have reported.
  offset_t held_by(size_t voters) const;
  /// The leader's mark is committed, and everything before it.
  bool has_mark() const { return has_mark_; }
  /// Bytes on the heap.
  size_t memory() const { return reports_.capacity() * sizeof(report); }

private:
  struct report {
    node_id voter;
    offset_t end; ///< -1: has not reported in this epoch
    bool is_of_voters;
    bool is_of_outgoing;
  };

  offset_t majority_offset() const;
  offset_t majority_offset(bool report::*of, size_t size) const;

  std::vector<report> reports_; // of all that vote, each once
  size_t voters_;
  size_t outgoing_;
  position epoch_start_;
  offset_t high_watermark_;
  bool has_mark_ = false;
};

} // namespace chisme::raft
