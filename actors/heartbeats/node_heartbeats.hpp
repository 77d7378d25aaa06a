// Keeps alive what the groups of a node have in common with those of its peers: one message a tick to each peer that
// shares a group, whatever their number.
//
// A peer is *heard* from its first heartbeat on, and *silent* from the end of its link, or of some time without any, to
// the next one. What follows for a group is told on these transitions, so that one costs what the groups that are
// shared with this peer cost. An idle group costs nothing but memory: news are repeated until they are acknowledged,
// and there are none.
//
// A replica that follows a leader is left alone for as long as the leader's node is heard and its process has said that
// it leads in just this epoch. Where that is not so it may come to be so within the time of a silence; then the replica
// is told that its leader is silent. So nothing that a former process said, and nothing that was taken back, keeps a
// group believing for longer than that.
//
// Time is what this node was awake: one that was stopped finds nobody silent because it did not listen.
#pragma once

#include "actors/heartbeats/peer_state.hpp"
#include "actors/heartbeats/steps.hpp"

#include <map>

namespace chisme::heartbeats {

class node_heartbeats {
public:
  /// `process`: random, of this start of the node; not 0.
  node_heartbeats(node_id self, uint64_t process, options o);

  /// Appends what is to be done to `out`. `now` never goes back.
  void step(timestamp_ms now, const any_input& in, outputs& out);

  bool is_heard(node_id peer) const;
  /// News that wait for an acknowledgement of this peer.
  size_t unacknowledged_by(node_id peer) const;

private:
  struct local_group {
    std::vector<node_id> peers; ///< all who share it but this node, ascending
    node_id leader = nobody;
    leader_epoch_t epoch = -1;
    offset_t commit = 0;
  };

  void on(const input::tick&, outputs& out);
  void on(const input::group_changed& x, outputs& out);
  void on(const input::group_gone& x, outputs& out);
  void on(const input::message_arrived& x, outputs& out);
  void on(const input::peer_up& x, outputs& out);
  void on(const input::peer_down& x, outputs& out);
  void on(const input::peer_suspected& x, outputs& out);

  // -- what groups change ------------------------------------------------------------------------------------------

  tie::role role_of(node_id peer, const local_group& g) const;
  void relate(node_id id, const group_id& group, const local_group& before, const local_group& now);
  void remind(const group_id& group, const local_group& g, bool is_new, outputs& out) const;
  std::vector<node_id> peers_of(const input::group_changed& x) const;

  // -- what peers change (node_heartbeats_peers.cpp) ----------------------------------------------------------------

  void know_process(node_id id, peer_state& p, uint64_t process, outputs& out);
  void take(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out);
  void take_claim(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out);
  void take_back(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out);
  void heard(node_id id, peer_state& p, outputs& out);
  void silent(node_id id, peer_state& p, outputs& out);
  void await(peer_state& p, const group_id& group, tie& t);
  void look_at_awaited(node_id id, peer_state& p, outputs& out);
  void look_at_all_awaited(node_id id, peer_state& p, outputs& out);
  void send(node_id id, peer_state& p, outputs& out);

  node_id self_;
  uint64_t process_;
  options options_;
  timestamp_ms last_step_ = -1; ///< by the caller's clock
  int64_t awake_ = 0;           ///< milliseconds
  std::map<group_id, local_group, group_order> groups_;
  std::map<node_id, peer_state> peers_;
};

} // namespace chisme::heartbeats
