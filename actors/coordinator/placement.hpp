// Which nodes hold the replicas of new partitions.
#pragma once

#include "messages/ids.hpp"

#include <string>
#include <vector>

namespace chisme::coordinator {

/// A node that replicas can be put on, and what it has to carry already.
struct candidate {
  node_id id = -1;
  std::string rack; ///< nodes without one are in one together
  size_t replicas = 0;
  size_t leaders = 0; ///< partitions of which it is the preferred leader
};

/// Replicas for `count` partitions of a topic that has `existing` already, the preferred leader first. The node that
/// leads least leads the next one; its followers come from the racks that the partition has least of, and of these from
/// the nodes with the fewest replicas. Nodes that are alike take turns, beginning at a place that depends on `salt`.
/// The same for the same arguments. `nodes` is not empty and at least `replication_factor` long.
std::vector<std::vector<node_id>> place(std::vector<candidate> nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt);
/// Of nodes that carry nothing yet.
std::vector<std::vector<node_id>> place(const std::vector<node_id>& nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt);

} // namespace chisme::coordinator
