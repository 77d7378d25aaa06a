#include "messages/kafka/group_records.hpp"

#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::offset_commit_key)
CHISME_INSTANTIATE_CODEC(kafka::offset_commit_value)
CHISME_INSTANTIATE_CODEC(kafka::group_metadata_key)
CHISME_INSTANTIATE_CODEC(kafka::group_metadata_value)

} // namespace chisme
