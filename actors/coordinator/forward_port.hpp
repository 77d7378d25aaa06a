// How coordinators of different nodes reach each other: the way to the links between nodes.
#pragma once

#include "actors/port.hpp"
#include "messages/ids.hpp"
#include "messages/peer/change_answer.hpp"
#include "messages/peer/change_forward.hpp"

#include <memory>

namespace chisme::coordinator {

/// A message between the coordinators of two nodes: `peer` is the other one, which gets it or has sent it. It may be
/// lost, and may come more than once.
template <class Message>
struct with_peer {
  node_id peer = -1;
  Message what;
};

using peer_forward = with_peer<peer::change_forward>;
using peer_answer = with_peer<peer::change_answer>;

using forward_port = chisme::port<peer_forward, peer_answer>;
using forward_port_ptr = std::shared_ptr<forward_port>;

} // namespace chisme::coordinator
