#include "actors/groups/cluster_catalog.hpp"

#include "messages/internal_topics.hpp"

namespace chisme::groups {

cluster_catalog::cluster_catalog(const coordinator::cluster_state& cluster, uint64_t version) : version_(version) {
  for (const auto& [name, topic] : cluster.topics()) {
    auto i = by_name_.emplace_hint(by_name_.end(), name,
                                   topic_info{topic->id, name, static_cast<int32_t>(topic->replicas.size())});
    by_id_.emplace(topic->id, &i->second);
  }
}

const topic_info* cluster_catalog::find(std::string_view name) const {
  auto i = by_name_.find(name);
  return i == by_name_.end() ? nullptr : &i->second;
}

const topic_info* cluster_catalog::find(const uuid& id) const {
  auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : i->second;
}

std::vector<std::string_view> cluster_catalog::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, topic] : by_name_) {
    if (!internal_topics::contain(name))
      names.emplace_back(name);
  }
  return names;
}

} // namespace chisme::groups
