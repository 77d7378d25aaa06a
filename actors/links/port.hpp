// How the rest of a node reaches other nodes, and hears from them. In production nodes/peer_links, in the simulator its
// network.
#pragma once

#include "messages/peer/peer_message.hpp"

#include <string>

namespace chisme::links {

/// What is told of other nodes and by them. Called on one thread, which must not be kept: hand on and return.
class receiver {
public:
  virtual ~receiver() = default;
  /// Whether or not the way back is up.
  virtual void arrived(node_id from, peer_message m) = 0;
  /// From here on messages to this node are sent. `process_id` is another one where the node was started anew.
  virtual void peer_up(node_id id, uint64_t process_id) = 0;
  /// At once when the connection ends. What was sent and has not arrived is lost.
  virtual void peer_down(node_id id, const std::string& reason) = 0;
};

/// Thread-safe; no call waits for anything.
class port {
public:
  virtual ~port() = default;

  /// False: dropped, because the node is not up or, for bulk, its queue is full. Of control messages that are too many
  /// the oldest are dropped. True is no promise that it arrives: whoever needs that repeats.
  virtual bool send(node_id to, peer_message m) = 0;

  /// The node is there, or is there again: it is dialled at once and until forget_peer().
  virtual void set_peer(node_id id, peer::address at) = 0;
  virtual void forget_peer(node_id id) = 0;
  /// Dialled until a node answers; its hello tells which one, and it is a peer from there on.
  virtual void dial_seed(peer::address at) = 0;
  /// This node has become a member. Connections to members of other clusters end.
  virtual void set_cluster_id(std::string id) = 0;
};

} // namespace chisme::links
