// What a replica and the heartbeats of its node tell each other.
#pragma once

#include "actors/heartbeats/steps.hpp"
#include "actors/port.hpp"

#include <memory>

namespace chisme::heartbeats {

/// Something of one group, for its replica here.
struct group_news {
  std::variant<output::heard_of, output::leader_silent, output::peer_silent, output::peer_heard, output::peer_restarted>
    what;
};

/// To a replica.
using group_port = chisme::port<group_news>;
using group_port_ptr = std::shared_ptr<group_port>;

/// A replica of this node has been opened and is to be told of its peers; it takes the place of an earlier one of its
/// group. Its first group_changed follows.
struct group_opened {
  group_id group;
  group_port_ptr replica;
};
/// The replica is not there any more. Says nothing where another one has taken its place.
struct group_closed {
  group_id group;
  group_port_ptr replica;
};

/// From replicas.
using port = chisme::port<group_opened, input::group_changed, group_closed>;
using port_ptr = std::shared_ptr<port>;

/// From the links of the node, and from its membership.
using peer_port = chisme::port<input::message_arrived, input::peer_up, input::peer_down, input::peer_suspected>;
using peer_port_ptr = std::shared_ptr<peer_port>;

} // namespace chisme::heartbeats
