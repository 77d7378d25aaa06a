// Codecs of the messages about records and producers.
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/21_delete_records.hpp"
#include "messages/kafka/22_init_producer_id.hpp"
#include "messages/kafka/23_offset_for_leader_epoch.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::produce_request)
CHISME_INSTANTIATE_CODEC(kafka::produce_response)
CHISME_INSTANTIATE_CODEC(kafka::fetch_request)
CHISME_INSTANTIATE_CODEC(kafka::fetch_response)
CHISME_INSTANTIATE_CODEC(kafka::list_offsets_request)
CHISME_INSTANTIATE_CODEC(kafka::list_offsets_response)
CHISME_INSTANTIATE_CODEC(kafka::delete_records_request)
CHISME_INSTANTIATE_CODEC(kafka::delete_records_response)
CHISME_INSTANTIATE_CODEC(kafka::init_producer_id_request)
CHISME_INSTANTIATE_CODEC(kafka::init_producer_id_response)
CHISME_INSTANTIATE_CODEC(kafka::offset_for_leader_epoch_request)
CHISME_INSTANTIATE_CODEC(kafka::offset_for_leader_epoch_response)

} // namespace chisme
