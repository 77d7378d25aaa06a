#include "actors/session/offsets_topic.hpp"

#include "actors/groups/coordinator_partition.hpp"

#include <algorithm>

namespace chisme::session {

kafka::create_topics_request::creatable_topic offsets_topic(const broker_image& image) {
  const auto& settings = *image.settings;
  kafka::create_topics_request::creatable_topic t;
  t.name = groups::offsets_topic;
  t.num_partitions = settings.offsets_topic_partitions;
  t.replication_factor = static_cast<int16_t>(
    std::min<size_t>(static_cast<size_t>(settings.default_replication_factor), image.brokers.size()));
  t.configs = {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}, {"max.message.bytes", "67108864"}};
  return t;
}

} // namespace chisme::session
