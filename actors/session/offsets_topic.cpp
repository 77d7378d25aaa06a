#include "actors/session/offsets_topic.hpp"

#include "actors/groups/coordinator_partition.hpp"

#include <algorithm>

namespace chisme::session {

kafka::create_topics_request::creatable_topic offsets_topic(const broker_image& image) {
  const auto& settings = *image.settings;
  kafka::create_topics_request::creatable_topic t;
  t.name = groups::offsets_topic;
  t.num_partitions = settings.offsets_topic_partitions;
  const auto wanted = settings.offsets_topic_replication_factor;
  const bool was_set = settings.given.contains("offsets.topic.replication.factor");
  t.replication_factor =
    static_cast<int16_t>(was_set ? wanted : std::min<size_t>(static_cast<size_t>(wanted), image.brokers.size()));
  t.configs = {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}, {"max.message.bytes", "67108864"}};
  return t;
}

} // namespace chisme::session
