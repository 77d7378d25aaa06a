// Codecs of the messages about classic groups.
#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/13_leave_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::join_group_request)
CHISME_INSTANTIATE_CODEC(kafka::join_group_response)
CHISME_INSTANTIATE_CODEC(kafka::heartbeat_request)
CHISME_INSTANTIATE_CODEC(kafka::heartbeat_response)
CHISME_INSTANTIATE_CODEC(kafka::leave_group_request)
CHISME_INSTANTIATE_CODEC(kafka::leave_group_response)
CHISME_INSTANTIATE_CODEC(kafka::sync_group_request)
CHISME_INSTANTIATE_CODEC(kafka::sync_group_response)

} // namespace chisme
