#include "messages/groups/consumer_group_records.hpp"

#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(groups::consumer_group_record_key)
CHISME_INSTANTIATE_CODEC(groups::group_metadata_value)
CHISME_INSTANTIATE_CODEC(groups::partition_metadata_value)
CHISME_INSTANTIATE_CODEC(groups::member_metadata_value)
CHISME_INSTANTIATE_CODEC(groups::target_assignment_metadata_value)
CHISME_INSTANTIATE_CODEC(groups::target_assignment_member_value)
CHISME_INSTANTIATE_CODEC(groups::current_member_assignment_value)
CHISME_INSTANTIATE_CODEC(groups::regular_expression_value)

} // namespace chisme
