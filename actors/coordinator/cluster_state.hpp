// The cluster's metadata: what the records of `__cluster` add up to. apply() is the only mutator, so that a
// restart is a replay.
#pragma once

#include "actors/coordinator/cluster_records.hpp"

#include <map>
#include <memory>
#include <unordered_map>

namespace chisme::coordinator {

using topic_ptr = std::shared_ptr<const topic_state>;
using config_map = std::map<std::string, std::string>;
using config_map_ptr = std::shared_ptr<const config_map>;

/// Copying is cheap enough to do for every change: topics and the configs of groups are shared.
class cluster_state {
public:
  void apply(const cluster_record& record);

  topic_ptr find(std::string_view name) const {
    auto i = by_name_.find(name);
    return i == by_name_.end() ? nullptr : i->second;
  }
  topic_ptr find(const uuid& id) const {
    auto i = by_id_.find(id);
    return i == by_id_.end() ? nullptr : i->second;
  }
  const std::map<std::string, topic_ptr, std::less<>>& topics() const { return by_name_; }
  const config_map& node_configs() const { return node_configs_; }
  /// Of the groups that set something themselves.
  const std::map<std::string, config_map_ptr, std::less<>>& group_configs() const { return group_configs_; }
  /// Empty where the group sets nothing.
  const config_map& configs_of_group(std::string_view group) const;
  int64_t next_producer_id() const { return next_producer_id_; }

private:
  void put(const topic_record& r);
  void put(const group_configs_record& r);

  std::map<std::string, topic_ptr, std::less<>> by_name_;
  std::unordered_map<uuid, topic_ptr> by_id_;
  config_map node_configs_;
  std::map<std::string, config_map_ptr, std::less<>> group_configs_;
  int64_t next_producer_id_ = 0;
};

} // namespace chisme::coordinator
