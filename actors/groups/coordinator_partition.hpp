// Which partition of `__consumer_offsets` a group belongs to, and so which node coordinates it.
#pragma once

#include "messages/ids.hpp"

#include <string_view>

namespace chisme::groups {

/// As Kafka has it, so that its tools look in the right place: Java's hash of the group id as UTF-16, without its sign,
/// modulo the number of partitions.
partition_index partition_for(std::string_view group_id, int32_t partitions);

} // namespace chisme::groups
