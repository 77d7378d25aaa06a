#include "actors/groups/subscription.hpp"

#include "actors/groups/versioned_bytes.hpp"
#include "messages/kafka/consumer_protocol.hpp"

#include <algorithm>

namespace chisme::groups {

std::optional<std::vector<std::string>> subscribed_topics(const buffer& subscription) {
  using message = kafka::consumer_protocol_subscription;
  const auto version = version_of(subscription);
  if (!version || *version < 0)
    return std::nullopt;
  // Newer versions only add fields behind those of older ones.
  auto read = chisme::decode<message>(subscription.slice(sizeof(int16_t)), std::min(*version, message::max_version),
                                      behind::anything);
  if (!read)
    return std::nullopt;
  return std::move(read->topics);
}

} // namespace chisme::groups
