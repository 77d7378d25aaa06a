// The cluster's topics, as group coordinators ask about them.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/groups/topic_catalog.hpp"

#include <map>
#include <unordered_map>

namespace chisme::groups {

/// Immutable; made anew for each change of the cluster, with a larger version.
class cluster_catalog final : public topic_catalog {
public:
  cluster_catalog() = default;
  cluster_catalog(const coordinator::cluster_state& cluster, uint64_t version);

  const topic_info* find(std::string_view name) const override;
  const topic_info* find(const uuid& id) const override;
  /// Without the brokers' own topics: nobody means those by a pattern.
  std::vector<std::string_view> names() const override;
  uint64_t version() const override { return version_; }

private:
  std::map<std::string, topic_info, std::less<>> by_name_;
  std::unordered_map<uuid, const topic_info*> by_id_;
  uint64_t version_ = 0;
};

} // namespace chisme::groups
