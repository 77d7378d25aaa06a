// What a node knows of its cluster at one moment: topics, partitions, who leads them, and the way to those that lead
// here. Immutable once published; sessions answer Metadata from it without asking anybody. The next image shares with
// it whatever has not changed.
#pragma once

#include "actors/broker_endpoint.hpp"
#include "actors/coordinator/cluster_state.hpp"
#include "actors/groups/port.hpp"
#include "actors/partition/port.hpp"
#include "config/node_settings.hpp"
#include "messages/snapshot_map.hpp"

#include <memory>
#include <vector>

namespace chisme {

struct partition_image {
  /// Who leads; -1 while nobody does. It may have died since, and nobody knows who is next: see
  /// broker_image::leader_of.
  node_id leader = -1;
  leader_epoch_t leader_epoch = -1;
  /// Of the replica on this node. none: its log is open. leader_not_available: it is starting, or there is none.
  /// kafka_storage_error: its log cannot be used.
  error_code state = error_code::leader_not_available;
  /// Set where this node leads it.
  partition::port_ptr port;
  /// Set where this node leads it and it is one of `__consumer_offsets`: who coordinates its groups.
  groups::port_ptr groups;
  /// As the leader here knows it; empty: the leader alone, or nobody knows.
  std::vector<node_id> in_sync{};
  /// Set where there is a replica here that is one of several, whether it leads or not.
  partition::port_ptr replica{};
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
  node_id self = -1;
  /// Who leads `__cluster`; -1: nobody knows.
  node_id controller = -1;
  /// Those that are alive, in the order of their ids.
  std::vector<broker_endpoint> brokers;
  std::shared_ptr<const coordinator::cluster_state> cluster = std::make_shared<coordinator::cluster_state>();
  snapshot_map<std::string, topic_image_ptr> topics;
  snapshot_map<uuid, topic_image_ptr> topics_by_id;

  const topic_image* find(std::string_view name) const { return found(topics.find(name)); }
  const topic_image* find(const uuid& id) const { return found(topics_by_id.find(id)); }

  const broker_endpoint* find_broker(node_id id) const { return chisme::find_broker(brokers, id); }
  /// Who leads it and is alive, or null.
  const broker_endpoint* leader_of(const partition_image& p) const { return find_broker(p.leader); }

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
