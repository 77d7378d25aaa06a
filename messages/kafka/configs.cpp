// Codecs of the messages about configs.
#include "messages/kafka/32_describe_configs.hpp"
#include "messages/kafka/33_alter_configs.hpp"
#include "messages/kafka/44_incremental_alter_configs.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::describe_configs_request)
CHISME_INSTANTIATE_CODEC(kafka::describe_configs_response)
CHISME_INSTANTIATE_CODEC(kafka::alter_configs_request)
CHISME_INSTANTIATE_CODEC(kafka::alter_configs_response)
CHISME_INSTANTIATE_CODEC(kafka::incremental_alter_configs_request)
CHISME_INSTANTIATE_CODEC(kafka::incremental_alter_configs_response)

} // namespace chisme
