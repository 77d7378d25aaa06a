// Which nodes hold the replicas of new partitions.
#pragma once

#include "messages/ids.hpp"

#include <vector>

namespace chisme::coordinator {

/// Replicas for `count` partitions of a topic that has `existing` already. Leaders go round the nodes, starting at a
/// place that depends on `salt` (so that topics with one partition do not all land on one node); followers sit on
/// the nodes behind. `nodes` is not empty and at least `replication_factor` long.
std::vector<std::vector<node_id>> place(const std::vector<node_id>& nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt);

} // namespace chisme::coordinator
