// Messages of other nodes on the way to whom they are for.
#pragma once

#include "actors/port.hpp"
#include "messages/peer/peer_message.hpp"

#include <memory>

namespace chisme::peers {

/// A message of another node.
struct arrival {
  node_id from = -1;
  peer_message message;
};

/// To a replica, of messages of its group; to the coordinator, of changes that were forwarded, and their answers.
using arrival_port = chisme::port<arrival>;
using arrival_port_ptr = std::shared_ptr<arrival_port>;

} // namespace chisme::peers
