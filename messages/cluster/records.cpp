#include "messages/cluster/records.hpp"

#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(cluster::record_key)
CHISME_INSTANTIATE_CODEC(cluster::topic_value)
CHISME_INSTANTIATE_CODEC(cluster::node_configs_value)
CHISME_INSTANTIATE_CODEC(cluster::group_configs_value)
CHISME_INSTANTIATE_CODEC(cluster::producer_ids_value)

} // namespace chisme
