// Codecs of the messages about consumer groups (KIP-848) and the protocol between classic consumers.
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "messages/kafka/69_consumer_group_describe.hpp"
#include "messages/kafka/consumer_protocol.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::consumer_group_heartbeat_request)
CHISME_INSTANTIATE_CODEC(kafka::consumer_group_heartbeat_response)
CHISME_INSTANTIATE_CODEC(kafka::consumer_group_describe_request)
CHISME_INSTANTIATE_CODEC(kafka::consumer_group_describe_response)
CHISME_INSTANTIATE_CODEC(kafka::consumer_protocol_subscription)
CHISME_INSTANTIATE_CODEC(kafka::consumer_protocol_assignment)

} // namespace chisme
