// The cluster's metadata: what the records of `__cluster` add up to. apply() is the only mutator, so that a
// restart is a replay.
#pragma once

#include "actors/coordinator/cluster_records.hpp"
#include "messages/snapshot_map.hpp"

#include <map>
#include <memory>

namespace chisme::coordinator {

using topic_ptr = std::shared_ptr<const topic_state>;
using config_map = std::map<std::string, std::string>;
using config_map_ptr = std::shared_ptr<const config_map>;

/// What a node carries of all partitions.
struct node_load {
  size_t replicas = 0;
  size_t leaders = 0; ///< partitions of which it is the preferred leader

  friend bool operator==(const node_load&, const node_load&) = default;
};

/// Copying is cheap enough to do for every change, as is finding out what a change has changed: copies share what they
/// have in common (messages/snapshot_map.hpp).
class cluster_state {
public:
  using topics_by_name = snapshot_map<std::string, topic_ptr>;
  using topics_by_id = snapshot_map<uuid, topic_ptr>;
  using configs_by_group = snapshot_map<std::string, config_map_ptr>;

  void apply(const cluster_record& record);

  topic_ptr find(std::string_view name) const { return found(by_name_.find(name)); }
  topic_ptr find(const uuid& id) const { return found(by_id_.find(id)); }
  /// The topic whose name differs from this one at most in '.' and '_'.
  topic_ptr find_similar(std::string_view name) const;
  const topics_by_name& topics() const { return by_name_; }
  const topics_by_id& topics_in_order_of_id() const { return by_id_; }
  const config_map& node_configs() const { return node_configs_; }
  /// Of the groups that set something themselves.
  const configs_by_group& group_configs() const { return group_configs_; }
  /// Empty where the group sets nothing.
  const config_map& configs_of_group(std::string_view group) const;
  /// By node; none for a node that has no replica.
  const std::map<node_id, node_load>& loads() const { return loads_; }
  int64_t next_producer_id() const { return next_producer_id_; }

private:
  static topic_ptr found(const topic_ptr* topic) { return topic ? *topic : nullptr; }
  void put(const topic_record& r);
  void unload(const topic_state& topic);
  void load(const topic_state& topic);
  void put(const group_configs_record& r);

  topics_by_name by_name_;
  topics_by_name by_name_without_dots_;
  topics_by_id by_id_;
  config_map node_configs_;
  configs_by_group group_configs_;
  std::map<node_id, node_load> loads_;
  int64_t next_producer_id_ = 0;
};

} // namespace chisme::coordinator
