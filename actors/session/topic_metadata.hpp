// What Metadata, DescribeCluster and DescribeTopicPartitions say about topics and nodes, in common.
#pragma once

#include "actors/broker_image.hpp"

#include <limits>

namespace chisme::session {

/// Bits by Kafka's AclOperation codes: everything, since nothing is forbidden here.
inline constexpr int32_t all_topic_operations = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
inline constexpr int32_t all_cluster_operations = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;
inline constexpr int32_t operations_not_asked = std::numeric_limits<int32_t>::min();

/// Every node hands changes on: where the controller is not known or not alive clients are told of this one. (Told of
/// none librdkafka waits for minutes.)
inline node_id told_controller(const broker_image& image) {
  return image.find_broker(image.controller) ? image.controller : image.self;
}

/// Fills the fields that both responses' partitions share. Who is in sync is known where the partition is led; of
/// others those replicas are told whose nodes are alive.
template <class Partition>
void describe_partition(Partition& to, const broker_image& image, const topic_image& topic, size_t index) {
  const auto& p = topic.partitions[index];
  const auto& replicas = topic.topic->replicas[index];
  const bool is_led = image.leader_of(p) != nullptr;
  to.partition_index = static_cast<int32_t>(index);
  to.leader_id = is_led ? p.leader : -1;
  to.leader_epoch = p.leader_epoch;
  to.replica_nodes.assign(replicas.begin(), replicas.end());
  if (is_led)
    to.isr_nodes = p.in_sync;
  for (const auto id : replicas) {
    const bool is_open = id != image.self || p.state == error_code::none;
    if (!is_open || !image.find_broker(id))
      to.offline_replicas.push_back(id);
    else if (is_led && p.in_sync.empty())
      to.isr_nodes.push_back(id);
  }
  to.error = is_led ? error_code::none : error_code::leader_not_available;
}

} // namespace chisme::session
