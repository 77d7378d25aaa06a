// What the membership is told, and what it wants done: the inputs and outputs of the machine in swim.hpp. Plain values.
#pragma once

#include "messages/peer/gossip_exchange.hpp"
#include "messages/peer/swim_ack.hpp"
#include "messages/peer/swim_ping.hpp"
#include "messages/peer/swim_ping_request.hpp"

#include <variant>
#include <vector>

namespace chisme::peer {

using membership_message = std::variant<swim_ping, swim_ping_request, swim_ack, gossip_exchange>;

} // namespace chisme::peer

namespace chisme::membership {

namespace input {

/// Some time has passed: about 50 ms. Every deadline is looked at with a tick.
struct tick {};
struct message_arrived {
  node_id from = -1; ///< as the link knows it
  peer::membership_message message;
};
/// A connection to a node was made.
struct link_up {
  node_id node = -1;
};
/// The last connection to a node was closed: its process may have ended.
struct link_down {
  node_id node = -1;
};
/// This node goes. It tells others for some ticks more, and answers as long as it is fed.
struct leave {};
/// Where this node is to be reached is different now.
struct addresses_changed {
  peer::address peer;
  std::vector<peer::address> clients;
  std::string rack;
};
/// This node leads these partitions now. The leader of a claim is the node itself, whatever it says.
struct partitions_led {
  std::vector<peer::leader_claim> claims;
};
/// The topic was deleted.
struct forget_topic {
  uuid topic;
};

} // namespace input

using swim_input = std::variant<input::tick, input::message_arrived, input::link_up, input::link_down, input::leave,
                                input::addresses_changed, input::partitions_led, input::forget_topic>;

namespace output {

struct send {
  node_id node = -1; ///< -1: whoever answers at that address
  peer::address to;
  peer::membership_message message;
  friend bool operator==(const send&, const send&) = default;
};

enum class member_event : uint8_t { joined, alive, suspect, dead, left, changed };

struct member_changed {
  member_event what = member_event::joined;
  peer::member who;
  friend bool operator==(const member_changed&, const member_changed&) = default;
};
/// Two processes claim one node id, and both answer. The first one keeps it until it is dead.
struct conflict {
  node_id node = -1;
  peer::address first;
  peer::address second;
  friend bool operator==(const conflict&, const conflict&) = default;
};
/// Somebody else leads, or leads in another epoch, than was known.
struct leader_changed {
  peer::leader_claim claim;
  friend bool operator==(const leader_changed&, const leader_changed&) = default;
};

} // namespace output

using swim_output = std::variant<output::send, output::member_changed, output::conflict, output::leader_changed>;
using swim_outputs = std::vector<swim_output>;

} // namespace chisme::membership
