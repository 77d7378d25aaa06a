// What nodes tell each other about themselves and the partitions that they lead: the parts of SWIM's messages.
//
// Flexible from the first version: a field may be added as a tagged one, and an older node skips it.
#pragma once

#include "messages/ids.hpp"
#include "messages/peer/address.hpp"

#include <compare>
#include <string>
#include <vector>

namespace chisme::peer {

/// No message of the membership is longer, encoded: senders leave out what does not fit, and send it with a later one.
inline constexpr size_t max_membership_message_bytes = 64 * 1024;
/// Of a host name and of a rack's name.
inline constexpr size_t max_name_bytes = 255;
/// Advertised to clients by one node.
inline constexpr size_t max_client_addresses = 8;
/// Beyond it a number is a lie: it leaves room for refutations that no node lives to make.
inline constexpr int64_t max_incarnation = int64_t{1} << 48;

/// One start of a node, and what it says of itself.
struct member {
  node_id id = -1;
  uint64_t process = 0;    ///< random, of this start
  int64_t incarnation = 0; ///< SWIM's: the node alone raises it, to refute; 0: has not joined
  address peer;            ///< where other nodes reach it
  std::vector<address> clients;
  std::string rack;
  uuid folder; ///< of its data (directory.id): another one where the node was emptied; zero: it does not say

  friend bool operator==(const member&, const member&) = default;
  static void visit(auto& f, auto& x) {
    f("id", x.id);
    f("process", x.process);
    f("incarnation", x.incarnation);
    f("peer", x.peer);
    f("clients", x.clients);
    f("rack", x.rack);
    f.tag(0, "folder", x.folder);
  }
};

/// In the order in which they overrule each other within one incarnation.
enum class member_state : int8_t { alive = 0, suspect = 1, dead = 2, left = 3 };

struct member_update {
  member who;
  member_state state = member_state::alive;
  node_id suspected_by = -1; ///< who says so itself, of state suspect

  friend bool operator==(const member_update&, const member_update&) = default;
  static void visit(auto& f, auto& x) {
    f("who", x.who);
    f("state", x.state);
    f("suspected_by", x.suspected_by);
  }
};

/// Who leads a partition, said by the leader itself.
struct leader_claim {
  uuid topic;
  partition_index partition = 0;
  leader_epoch_t epoch = 0;
  node_id leader = -1;

  friend bool operator==(const leader_claim&, const leader_claim&) = default;
  static void visit(auto& f, auto& x) {
    f("topic", x.topic);
    f("partition", x.partition);
    f("epoch", x.epoch);
    f("leader", x.leader);
  }
};

/// News that travel with whatever is sent.
struct gossip {
  std::vector<member_update> members;
  std::vector<leader_claim> claims;

  friend bool operator==(const gossip&, const gossip&) = default;
  static void visit(auto& f, auto& x) {
    f("members", x.members);
    f("claims", x.claims);
  }
};

/// Who speaks, and where an answer goes.
struct speaker {
  node_id node = -1;
  uint64_t process = 0;
  int64_t incarnation = 0;
  address peer;

  friend bool operator==(const speaker&, const speaker&) = default;
  static void visit(auto& f, auto& x) {
    f("node", x.node);
    f("process", x.process);
    f("incarnation", x.incarnation);
    f("peer", x.peer);
  }
};

} // namespace chisme::peer
