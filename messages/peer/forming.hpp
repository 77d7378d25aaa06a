// What nodes say to each other that have no cluster yet, or look for the one that they belong to.
#pragma once

#include "messages/ids.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::peer {

/// Numbers on the wire: never reused.
enum class forming_stage : int8_t {
  hail = 0,    ///< who is there? `expect` says what the sender waits for. Members answer with `decided`
  answer = 1,  ///< to a hail, of a node without a cluster
  propose = 2, ///< of the node that has made the proposal; once it is on its disk
  promise = 3, ///< to the proposer: it is on the disk, and nothing else will be promised before its outcome is known
  refuse = 4,  ///< to the proposer: `other` has a better right to propose, or (-1) the sender waits for another number
  ask = 5,     ///< to the proposer: what has become of it?
  abandoned = 6, ///< of the proposer: it will never be a cluster
  decided = 7,   ///< of a member: this is a cluster
};

struct forming {
  static constexpr std::string_view type_name = "forming";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  forming_stage stage = forming_stage::hail;
  int32_t expect = 0;           ///< nodes that form a cluster together; 0: the sender only joins one
  std::string cluster_id;       ///< which is also the name of the proposal
  std::vector<node_id> members; ///< of a proposal: all who have to promise
  std::vector<node_id> voters;  ///< of `__cluster`
  node_id other = -1;

  static void visit(auto& f, auto& x) {
    f("stage", x.stage);
    f("expect", x.expect);
    f("cluster_id", x.cluster_id);
    f("members", x.members);
    f("voters", x.voters);
    f("other", x.other);
  }
  friend auto operator<=>(const forming&, const forming&) = default;
};

} // namespace chisme::peer
