// The first message of each connection between two nodes, and its answer: who speaks, and whether they fit together.
//
// They are the same in all versions of the protocol, or two versions could not even tell each other that they do not
// fit: fields are only ever added, as tagged ones.
#pragma once

#include "messages/ids.hpp"
#include "messages/peer/address.hpp"
#include "messages/peer/lane.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>

namespace chisme::peer {

/// The protocol between nodes that is spoken here.
inline constexpr int16_t oldest_version = 0;
inline constexpr int16_t newest_version = 0;

/// A process that runs a node.
struct process {
  int16_t min_version = oldest_version;
  int16_t max_version = newest_version;
  std::string cluster_id; ///< empty: not a member of any cluster yet
  node_id id = -1;
  uint64_t process_id = 0; ///< random, new at each start
  address at;              ///< where others reach it

  static void visit(auto& f, auto& x) {
    f("min_version", x.min_version);
    f("max_version", x.max_version);
    f("cluster_id", x.cluster_id);
    f("node_id", x.id);
    f("process_id", x.process_id);
    f("address", x.at);
  }

  friend bool operator==(const process&, const process&) = default;
};

/// From who has dialled.
struct hello {
  static constexpr std::string_view type_name = "hello";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  process from;
  lane via = lane::control;

  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("lane", x.via);
  }
};

/// Numbers on the wire: never reused.
enum class refusal_code : int8_t {
  none = 0,
  other_cluster = 1,
  own_node_id = 2, ///< the other's node id is that of this node
  node_id_taken = 3,
  other_versions = 4,
  malformed = 5,
  itself = 6, ///< a process has dialled itself
  too_many_nodes = 7,
  unexpected_node = 8,
};

struct hello_answer {
  static constexpr std::string_view type_name = "hello_answer";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  process from;
  refusal_code refusal = refusal_code::none;
  std::string words; ///< for people, where it is refused: why, and what to do

  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("refusal", x.refusal);
    f("words", x.words);
  }
};

} // namespace chisme::peer
