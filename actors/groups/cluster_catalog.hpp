// The cluster's topics, as group coordinators ask about them.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/groups/topic_catalog.hpp"
#include "messages/snapshot_map.hpp"

#include <memory>

namespace chisme::groups {

/// Immutable once it is given out; the next one is a copy that was changed, and shares with it whatever stayed.
class cluster_catalog final : public topic_catalog {
public:
  const topic_info* find(std::string_view name) const override;
  const topic_info* find(const uuid& id) const override;
  /// Without the brokers' own topics: nobody means those by a pattern.
  std::vector<std::string_view> names() const override;
  uint64_t version() const override { return version_; }

  void put(const coordinator::topic_state& topic);
  void erase(const uuid& id);
  /// The changes are complete.
  void begin_next_version() { ++version_; }

private:
  using info_ptr = std::shared_ptr<const topic_info>;

  snapshot_map<std::string, info_ptr> by_name_;
  snapshot_map<uuid, info_ptr> by_id_;
  uint64_t version_ = 0;
};

} // namespace chisme::groups
