#include "actors/session/group_gate.hpp"

#include "actors/groups/coordinator_partition.hpp"

namespace chisme::session {

found_coordinator find_group_coordinator(const broker_image& image, std::string_view group_id) {
  const auto* topic = image.find(groups::offsets_topic);
  if (!topic || topic->partitions.empty())
    return {error_code::coordinator_not_available, nullptr};
  const auto count = static_cast<int32_t>(topic->partitions.size());
  const auto& p = topic->partitions[static_cast<size_t>(groups::partition_for(group_id, count))];
  if (p.groups)
    return {error_code::none, p.groups};
  return {p.leader < 0 ? error_code::coordinator_not_available : error_code::not_coordinator, nullptr};
}

groups::group_call call_of(const request& r, groups::group_request what) {
  return {r.header.client_id.value_or(""), "/" + r.from->host(), r.version(), std::move(what), {}};
}

} // namespace chisme::session
