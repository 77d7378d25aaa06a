// What a node knows of its cluster at one moment: topics, partitions, who leads them, and the way to those that lead
// here. Immutable once published; sessions answer Metadata from it without asking anybody. The next image shares with
// it whatever has not changed.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/groups/port.hpp"
#include "actors/partition/port.hpp"
#include "config/node_settings.hpp"
#include "messages/snapshot_map.hpp"

#include <memory>
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
  snapshot_map<std::string, topic_image_ptr> topics;
  snapshot_map<uuid, topic_image_ptr> topics_by_id;

  const topic_image* find(std::string_view name) const { return found(topics.find(name)); }
  const topic_image* find(const uuid& id) const { return found(topics_by_id.find(id)); }

  /// Adds it, or replaces what is known of it.
  void put(const topic_image_ptr& topic) {
    topics.put(topic->topic->name, topic);
    topics_by_id.put(topic->topic->id, topic);
  }
  /// Another topic may have its name by now.
  void erase(const uuid& id) {
    const auto* known = topics_by_id.find(id);
    if (!known)
      return;
    const auto topic = *known;
    const auto& name = topic->topic->name;
    if (const auto* named = topics.find(name); named && *named == topic)
      topics.erase(name);
    topics_by_id.erase(id);
  }

private:
  static const topic_image* found(const topic_image_ptr* topic) { return topic ? topic->get() : nullptr; }
};

} // namespace chisme
