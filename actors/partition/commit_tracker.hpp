// How far a partition is committed: the offset that a majority of the replicas holds on disk.
//
// Raft's matchIndex and commitIndex (Raft paper, section 5.3 and figure 2), with Kafka's names. Each voter reports
// the end offset up to which its log is synced; the high watermark is the largest offset that a majority has
// reached. It never moves back. A replication group of one has itself as the majority: its high watermark is what
// it has synced itself. An entry counts only in the leader's own epoch (Raft section 5.4.2): until a majority has
// reached `epoch_start`, where the leader's epoch began, nothing new is committed.
#pragma once

#include "messages/ids.hpp"

#include <map>
#include <optional>
#include <vector>

namespace chisme::partition {

class commit_tracker {
public:
  /// A leader's tracker. `high_watermark` is what was known to be committed before this epoch began at
  /// `epoch_start`; it may not lie behind it.
  commit_tracker(std::vector<node_id> voters, offset_t epoch_start, offset_t high_watermark);

  /// `voter` holds everything before `end_offset` on disk. Returns the new high watermark if it moved.
  /// Reports from others than voters and reports that go back are ignored.
  std::optional<offset_t> synced(node_id voter, offset_t end_offset);

  offset_t high_watermark() const { return high_watermark_; }

  /// How many replicas the group has.
  size_t voters() const { return synced_.size(); }

private:
  offset_t majority_offset() const;

  std::map<node_id, offset_t> synced_; // by voter
  offset_t epoch_start_;
  offset_t high_watermark_;
};

} // namespace chisme::partition
