#include "actors/coordinator/cluster_state.hpp"

#include <algorithm>

namespace chisme::coordinator {

void cluster_state::apply(const cluster_record& record) {
  if (const auto* topic = std::get_if<topic_record>(&record))
    put(*topic);
  else if (const auto* configs = std::get_if<node_configs_record>(&record))
    node_configs_ = configs->configs;
  else if (const auto* group = std::get_if<group_configs_record>(&record))
    put(*group);
  else if (const auto* ids = std::get_if<producer_ids_record>(&record))
    next_producer_id_ = std::max(next_producer_id_, ids->next);
}

void cluster_state::put(const topic_record& r) {
  if (auto old = find(r.id)) {
    by_name_.erase(old->name);
    by_id_.erase(r.id);
  }
  if (!r.state)
    return;
  auto topic = std::make_shared<const topic_state>(*r.state);
  by_name_[topic->name] = topic;
  by_id_[r.id] = topic;
}

void cluster_state::put(const group_configs_record& r) {
  if (r.configs.empty())
    group_configs_.erase(r.group);
  else
    group_configs_[r.group] = std::make_shared<const config_map>(r.configs);
}

const config_map& cluster_state::configs_of_group(std::string_view group) const {
  static const config_map nothing;
  auto i = group_configs_.find(group);
  return i == group_configs_.end() ? nothing : *i->second;
}

} // namespace chisme::coordinator
