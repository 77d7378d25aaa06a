#include "actors/session/gather.hpp"

namespace chisme::session {

found_partition find_partition(const broker_image& image, const topic_image* topic, int32_t index) {
  if (!topic || index < 0 || static_cast<size_t>(index) >= topic->partitions.size())
    return {error_code::unknown_topic_or_partition, nullptr, -1};
  const auto& p = topic->partitions[static_cast<size_t>(index)];
  if (p.port)
    return {error_code::none, p.port, p.leader_epoch};
  // Another node that leads it has a log that can be used.
  const bool is_led_elsewhere = p.leader >= 0 && p.leader != image.self;
  if (p.state == error_code::kafka_storage_error && !is_led_elsewhere)
    return {p.state, nullptr, p.leader_epoch};
  // Starting, or led elsewhere: either way the client asks Metadata again.
  return {error_code::not_leader_or_follower, nullptr, p.leader_epoch};
}

} // namespace chisme::session
