// Who leads a partition that was asked for in the wrong place (KIP-951): the client goes there at once, instead of
// asking for the metadata first.
#pragma once

#include "actors/broker_image.hpp"

#include <algorithm>

namespace chisme::session {

/// The errors that say so.
constexpr bool says_leader_is_elsewhere(error_code code) {
  return code == error_code::not_leader_or_follower || code == error_code::fenced_leader_epoch;
}

/// Names the leader in the partition's place and its address in the response, once for each node. Nothing where nobody
/// is known to lead: Metadata has to be asked then.
template <class Response, class Place>
void name_leader(Response& response, Place& place, const broker_image& image, const topic_image* topic, int32_t index) {
  if (!topic || index < 0 || static_cast<size_t>(index) >= topic->partitions.size())
    return;
  const auto& p = topic->partitions[static_cast<size_t>(index)];
  const auto* leader = image.leader_of(p);
  if (!leader)
    return;
  place.current_leader = {p.leader, p.leader_epoch};
  const auto is_this = [leader](const auto& n) { return n.node_id == leader->id; };
  if (std::ranges::none_of(response.node_endpoints, is_this))
    response.node_endpoints.push_back({leader->id, leader->host, leader->port, leader->rack});
}

} // namespace chisme::session
