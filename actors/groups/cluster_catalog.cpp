#include "actors/groups/cluster_catalog.hpp"

#include "messages/internal_topics.hpp"

namespace chisme::groups {

const topic_info* cluster_catalog::find(std::string_view name) const {
  const auto* info = by_name_.find(name);
  return info ? info->get() : nullptr;
}

const topic_info* cluster_catalog::find(const uuid& id) const {
  const auto* info = by_id_.find(id);
  return info ? info->get() : nullptr;
}

std::vector<std::string_view> cluster_catalog::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, topic] : by_name_) {
    if (!internal_topics::contain(name))
      names.emplace_back(name);
  }
  return names;
}

void cluster_catalog::put(const coordinator::topic_state& topic) {
  auto info =
    std::make_shared<const topic_info>(topic_info{topic.id, topic.name, static_cast<int32_t>(topic.replicas.size())});
  by_name_.put(topic.name, info);
  by_id_.put(topic.id, std::move(info));
}

/// Another topic may have its name by now.
void cluster_catalog::erase(const uuid& id) {
  const auto* known = by_id_.find(id);
  if (!known)
    return;
  const auto info = *known;
  if (const auto* named = by_name_.find(info->name); named && *named == info)
    by_name_.erase(info->name);
  by_id_.erase(id);
}

} // namespace chisme::groups
