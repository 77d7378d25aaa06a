// What a node knows of its cluster at one moment: topics, partitions, who leads them, and the way to those that lead
// here. Immutable once published; sessions answer Metadata from it without asking anybody.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/groups/port.hpp"
#include "actors/partition/port.hpp"
#include "config/node_settings.hpp"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace chisme {

struct broker_endpoint {
  node_id id = 0;
  std::string host;
  int32_t port = 0;
  std::optional<std::string> rack;
};

struct partition_image {
  /// Who leads; -1 while nobody does.
  node_id leader = -1;
  leader_epoch_t leader_epoch = -1;
  /// none: it serves. leader_not_available: it is starting. kafka_storage_error: its log cannot be used.
  error_code state = error_code::leader_not_available;
  /// Set where this node leads it.
  partition::port_ptr port;
  /// Set where this node leads it and it is one of `__consumer_offsets`: who coordinates its groups.
  groups::port_ptr groups;
};

struct topic_image {
  std::shared_ptr<const coordinator::topic_state> topic;
  std::vector<partition_image> partitions;
};

using topic_image_ptr = std::shared_ptr<const topic_image>;

struct broker_image {
  /// This node's settings with what was set at run time on top.
  std::shared_ptr<const node_settings> settings = std::make_shared<node_settings>();
  std::string cluster_id;
  node_id controller = -1;
  std::vector<broker_endpoint> brokers;
  std::shared_ptr<const coordinator::cluster_state> cluster = std::make_shared<coordinator::cluster_state>();
  std::map<std::string, topic_image_ptr, std::less<>> topics;
  std::unordered_map<uuid, topic_image_ptr> topics_by_id;

  const topic_image* find(std::string_view name) const {
    auto i = topics.find(name);
    return i == topics.end() ? nullptr : i->second.get();
  }
  const topic_image* find(const uuid& id) const {
    auto i = topics_by_id.find(id);
    return i == topics_by_id.end() ? nullptr : i->second.get();
  }
};

} // namespace chisme
