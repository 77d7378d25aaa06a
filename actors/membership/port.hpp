// What the rest of a node tells its membership.
#pragma once

#include "actors/membership/swim_steps.hpp"
#include "actors/port.hpp"

#include <memory>

namespace chisme::membership {

/// From the links of the node.
using peer_port = chisme::port<input::message_arrived, input::link_up, input::link_down>;
using peer_port_ptr = std::shared_ptr<peer_port>;

/// From who knows what this node leads and which topics there are.
using port = chisme::port<input::partitions_led, input::forget_topic, input::addresses_changed, input::leave>;
using port_ptr = std::shared_ptr<port>;

} // namespace chisme::membership
