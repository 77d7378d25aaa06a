// Groups that change their protocol while their members go on.

#include "actors/groups/group_shard.hpp"

namespace chisme::groups {

bool group_shard::upgrade(const std::string& id, const context& c) {
  auto& classic = *find_classic(id);
  const auto& settings = around_->settings.consumer;
  if (!allows_upgrade(settings.migration) || classic.size() > settings.max_size)
    return false;
  const auto records = to_consumer_group(id, classic.members(), c.topics);
  if (!records)
    return false;
  classic.dissolve(c.out);
  if (classic.has_record())
    write(classic_group_record{id, std::nullopt}, c.out);
  for (const auto& record : *records)
    write(std::visit([](const auto& r) { return group_record{r}; }, record), c.out);
  find_or_make_consumer(id).loaded(c.now);
  return true;
}

void group_shard::downgrade_if_all_classic(const std::string& id, const topic_catalog& topics, timestamp_ms now,
                                           effects& out) {
  const auto* group = find_consumer(id);
  if (!group || !group->is_all_classic() || !allows_downgrade(around_->settings.consumer.migration))
    return;
  const auto members = to_classic_group(group->persisted(), topics);
  if (!members || members->members.size() > static_cast<size_t>(around_->settings.max_size))
    return;
  for (auto& record : tombstones(id, groups_.at(id)))
    write(std::move(record), out);
  groups_.erase(id);
  find_or_make_classic(id).resume(*members, now, out);
}

} // namespace chisme::groups
