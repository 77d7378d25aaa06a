// Codecs of the messages about topics.
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/20_delete_topics.hpp"
#include "messages/kafka/37_create_partitions.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::create_topics_request)
CHISME_INSTANTIATE_CODEC(kafka::create_topics_response)
CHISME_INSTANTIATE_CODEC(kafka::delete_topics_request)
CHISME_INSTANTIATE_CODEC(kafka::delete_topics_response)
CHISME_INSTANTIATE_CODEC(kafka::create_partitions_request)
CHISME_INSTANTIATE_CODEC(kafka::create_partitions_response)

} // namespace chisme
