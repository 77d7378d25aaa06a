// How `__consumer_offsets` is made, whoever asks for it first.
#pragma once

#include "actors/broker_image.hpp"
#include "messages/kafka/19_create_topics.hpp"

namespace chisme::session {

/// Kafka's settings for the topic: the newest state of each group is kept, segments are small enough to be compacted
/// soon. A group's record holds what its members say, so it may be large. It has as many replicas as there are nodes
/// for where nobody has set a number: groups begin with the first node, whatever other topics need.
kafka::create_topics_request::creatable_topic offsets_topic(const broker_image& image);

} // namespace chisme::session
