// A consumer group's own settings over the node's defaults.
#pragma once

#include "config/node_settings.hpp"
#include "config/order.hpp"
#include "config/overrides.hpp"

#include <array>

namespace chisme {

/// What must hold between times of a consumer group, under the names given here, and the node's bounds for
/// them.
std::array<order, 5> group_timing_orders(const node_settings& node, const group_timing& timing,
                                         std::string_view session_timeout, std::string_view heartbeat_interval);

/// `node.group_defaults` with the overrides stored over them. Fails with invalid_config and all problems in
/// one message, also for times that are beyond the node's bounds or do not fit together.
result<group_timing> effective_group_timing(const node_settings& node, const config_overrides& overrides);

} // namespace chisme
