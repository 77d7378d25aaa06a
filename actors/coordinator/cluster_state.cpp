#include "actors/coordinator/cluster_state.hpp"

#include <algorithm>

namespace chisme::coordinator {

namespace {

std::string without_dots(std::string_view name) {
  std::string changed{name};
  std::ranges::replace(changed, '.', '_');
  return changed;
}

} // namespace

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
    by_name_without_dots_.erase(without_dots(old->name));
    by_id_.erase(r.id);
    unload(*old);
  }
  if (!r.state)
    return;
  auto topic = std::make_shared<const topic_state>(*r.state);
  by_name_.put(topic->name, topic);
  by_name_without_dots_.put(without_dots(topic->name), topic);
  load(*topic);
  by_id_.put(r.id, std::move(topic));
}

void cluster_state::load(const topic_state& topic) {
  for (const auto& replicas : topic.replicas) {
    ++loads_[replicas.front()].leaders;
    for (auto id : replicas)
      ++loads_[id].replicas;
  }
}

void cluster_state::unload(const topic_state& topic) {
  for (const auto& replicas : topic.replicas) {
    --loads_[replicas.front()].leaders;
    for (auto id : replicas)
      if (const auto i = loads_.find(id); --i->second.replicas == 0)
        loads_.erase(i);
  }
}

void cluster_state::put(const group_configs_record& r) {
  if (r.configs.empty())
    group_configs_.erase(r.group);
  else
    group_configs_.put(r.group, std::make_shared<const config_map>(r.configs));
}

topic_ptr cluster_state::find_similar(std::string_view name) const {
  return found(by_name_without_dots_.find(without_dots(name)));
}

const config_map& cluster_state::configs_of_group(std::string_view group) const {
  static const config_map nothing;
  const auto* configs = group_configs_.find(group);
  return configs ? **configs : nothing;
}

} // namespace chisme::coordinator
