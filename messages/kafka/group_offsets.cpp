// Codecs of the messages about committed offsets.
#include "messages/kafka/08_offset_commit.hpp"
#include "messages/kafka/09_offset_fetch.hpp"
#include "messages/kafka/47_offset_delete.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::offset_commit_request)
CHISME_INSTANTIATE_CODEC(kafka::offset_commit_response)
CHISME_INSTANTIATE_CODEC(kafka::offset_fetch_request)
CHISME_INSTANTIATE_CODEC(kafka::offset_fetch_response)
CHISME_INSTANTIATE_CODEC(kafka::offset_delete_request)
CHISME_INSTANTIATE_CODEC(kafka::offset_delete_response)

} // namespace chisme
