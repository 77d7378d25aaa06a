// Codecs of the messages about the administration of groups.
#include "messages/kafka/15_describe_groups.hpp"
#include "messages/kafka/16_list_groups.hpp"
#include "messages/kafka/42_delete_groups.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::describe_groups_request)
CHISME_INSTANTIATE_CODEC(kafka::describe_groups_response)
CHISME_INSTANTIATE_CODEC(kafka::list_groups_request)
CHISME_INSTANTIATE_CODEC(kafka::list_groups_response)
CHISME_INSTANTIATE_CODEC(kafka::delete_groups_request)
CHISME_INSTANTIATE_CODEC(kafka::delete_groups_response)

} // namespace chisme
