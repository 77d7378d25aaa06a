// What Metadata and DescribeTopicPartitions say about a topic, in common.
#pragma once

#include "actors/broker_image.hpp"

#include <limits>

namespace chisme::session {

/// Bits by Kafka's AclOperation codes: everything, since nothing is forbidden here.
inline constexpr int32_t all_topic_operations = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
inline constexpr int32_t all_cluster_operations = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;
inline constexpr int32_t operations_not_asked = std::numeric_limits<int32_t>::min();

/// Fills the fields that both responses' partitions share.
template <class Partition>
void describe_partition(Partition& to, const topic_image& topic, size_t index) {
  const auto& p = topic.partitions[index];
  const auto& replicas = topic.topic->replicas[index];
  to.partition_index = static_cast<int32_t>(index);
  to.leader_id = p.leader;
  to.leader_epoch = p.leader_epoch;
  to.replica_nodes.assign(replicas.begin(), replicas.end());
  if (p.leader >= 0)
    to.isr_nodes = {p.leader};
  else
    to.offline_replicas = to.replica_nodes;
  to.error = p.leader >= 0 ? error_code::none : error_code::leader_not_available;
}

} // namespace chisme::session
