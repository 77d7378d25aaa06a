// How nodes that nobody has given a cluster become one, or find the one that is there. Pure.
//
// Two-phase commit among exactly as many nodes as all of them expect, upon disks that keep what was said:
//
//   proposer                                   each other member
//   store bound --> propose ------------------> store bound
//                            <------- promise --
//   all have promised: store member --> decided --> store member
//
// The node with the lowest id proposes. Only the proposer decides, so only it may take a proposal back; until it says
// what has become of it, who has promised waits and promises nothing else, also after a restart. A proposer gives up
// its own proposal for that of a lower node, or for a cluster that it hears of. So at most one of two proposals that
// have a member in common is ever decided, whatever is lost, comes twice or crashes; and two that have none are made
// only by nodes that do not know of each other: a node neither proposes nor promises while it knows of a lower node
// that may.
//
// What that costs: a proposer that is gone for good holds up those who have promised it something. They are empty:
// their data folders can be removed. Nodes that are started at the same time find each other within a few ticks.
//
// Invariant: nothing is said of a state before it is stored.
#pragma once

#include "messages/peer/forming.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace chisme::coordinator {

/// What a node keeps on its disk of all this.
struct formation {
  enum class phase : uint8_t {
    none,
    bound,  ///< to a proposal, its own or another's: waits for what becomes of it
    member, ///< for good
  };

  phase at = phase::none;
  std::string cluster_id;
  node_id proposer = -1;        ///< of phase bound
  std::vector<node_id> members; ///< likewise
  std::vector<node_id> voters;  ///< of `__cluster`, as the cluster was formed or this node was told
  /// Of phase member: it is one of those who formed the cluster. A voter that is not has lost its disk: all voters have
  /// promised before there was a cluster.
  bool is_founder = false;

  friend auto operator<=>(const formation&, const formation&) = default;
};

/// Of a cluster that these nodes form: an odd number, as one node more than that would make no difference, and few,
/// since all of them hold each change of the metadata.
std::vector<node_id> first_voters(const std::vector<node_id>& members);

/// "1,2,3", for people and for meta.properties.
std::string listed(const std::vector<node_id>& ids);

class forming {
public:
  struct options {
    node_id self = -1;
    int32_t expect = 0;     ///< 0: joins a cluster, and forms none
    std::string cluster_id; ///< the only one that it may become a member of; empty: any
    std::function<std::string()> new_cluster_id;
  };

  struct input {
    /// A node that can be reached, by gossip or as a seed that has answered.
    struct seen {
      node_id node = -1;
    };
    struct message {
      node_id from = -1;
      peer::forming what;
    };
    /// The answer to store.
    struct stored {};
    /// Now and then, some 100 ms: what may have been lost is said again.
    struct tick {};
  };
  using any_input = std::variant<input::seen, input::message, input::stored, input::tick>;

  struct output {
    /// Durably, please; at most one at a time.
    struct store {
      formation what;
      friend bool operator==(const store&, const store&) = default;
    };
    struct send {
      node_id to = -1;
      peer::forming what;
      friend bool operator==(const send&, const send&) = default;
    };
    /// This node is a member, and its disk says so. Once.
    struct joined {
      std::string cluster_id;
      std::vector<node_id> voters;
      bool is_founder = false;
      friend bool operator==(const joined&, const joined&) = default;
    };
    /// A node that can be reached belongs to another cluster than this one. For people: nothing is done about it.
    struct other_cluster {
      node_id node = -1;
      std::string cluster_id;
      friend bool operator==(const other_cluster&, const other_cluster&) = default;
    };
  };
  using any_output = std::variant<output::store, output::send, output::joined, output::other_cluster>;
  using outputs = std::vector<any_output>;

  /// `stored`: what the disk says.
  forming(options o, formation stored);

  void step(const any_input& in, outputs& out);

  const formation& stored() const { return stored_; }
  /// Who has to promise, or to decide, or to be seen, before anything goes on; for people.
  std::vector<node_id> awaited() const;
  /// This one among them.
  std::vector<node_id> seen() const;

  friend bool operator==(const forming& a, const forming& b);
  friend bool operator<(const forming& a, const forming& b);

private:
  using stage = peer::forming_stage;

  void on(const input::seen& x, outputs& out);
  void on(const input::message& x, outputs& out);
  void on(const input::stored&, outputs& out);
  void on(const input::tick&, outputs& out);

  void heed_hail(node_id from, const peer::forming& m, outputs& out);
  void heed_proposal(node_id from, const peer::forming& m, outputs& out);
  void heed_promise(node_id from, const peer::forming& m, outputs& out);
  void heed_refusal(node_id from, const peer::forming& m, outputs& out);
  void heed_question(node_id from, const peer::forming& m, outputs& out);
  void heed_abandonment(node_id from, const peer::forming& m, outputs& out);
  void heed_decision(node_id from, const peer::forming& m, outputs& out);

  void repeat(outputs& out) const;
  void propose_if_first(outputs& out);
  void decide_if_all(outputs& out);
  void store(formation next, outputs& out);
  void send(node_id to, stage s, outputs& out) const;
  void tell_decided(node_id to, outputs& out) const;
  output::joined told_joined() const { return {stored_.cluster_id, stored_.voters, stored_.is_founder}; }
  bool proposes() const { return stored_.at == formation::phase::bound && stored_.proposer == options_.self; }
  bool is_storing() const { return storing_.has_value(); }
  std::optional<node_id> lower_than(node_id proposer) const;
  auto state() const { return std::tie(stored_, storing_, known_, promised_, told_); }

  options options_;
  formation stored_;
  std::optional<formation> storing_;
  std::map<node_id, std::optional<int32_t>> known_; ///< nodes that were seen, and how many they expect, if they said so
  std::set<node_id> promised_;                      ///< the own proposal
  bool told_ = false;                               ///< that it is a member
};

} // namespace chisme::coordinator
