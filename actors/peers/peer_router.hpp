// Where a message of another node goes: to the replica of its group here, or to the one who deals with its kind.
//
//   links (io threads) --> peer_router --> replica of the group      raft_*
//                                      \-> heartbeats, membership    their messages, and the links' ends
//                                      \-> coordinator               everything else: changes that were forwarded
//
// Nothing here waits, on whatever thread it runs: the replicas stand in snapshots, one for each shard of the groups,
// that are read as they are and replaced whole. What nobody wants is dropped and counted, as every protocol between
// nodes repeats by itself.
#pragma once

#include "actors/heartbeats/port.hpp"
#include "actors/links/port.hpp"
#include "actors/membership/port.hpp"
#include "actors/peers/port.hpp"
#include "actors/peers/published.hpp"
#include "messages/snapshot_map.hpp"

#include <array>

namespace chisme::peers {

/// Who is there for the whole node; null: nobody.
struct fixed_ports {
  heartbeats::peer_port_ptr heartbeats;
  membership::peer_port_ptr membership;
  arrival_port_ptr coordinator;
};

class peer_router final : public links::receiver {
public:
  using group_id = peer::raft_group;

  explicit peer_router(fixed_ports fixed) : fixed_(std::move(fixed)) {}

  // From any thread. A change costs what a shard costs, a lookup O(log n).

  /// Messages of the group go there from now on, in the place of an earlier replica.
  void open(const group_id& group, arrival_port_ptr replica);
  /// That replica has ended; says nothing where another one has taken its place.
  void close(const group_id& group, const arrival_port_ptr& replica);

  /// Messages that nobody wanted.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  void arrived(node_id from, peer_message m) override;
  void peer_up(node_id id, uint64_t process_id) override;
  void peer_down(node_id id, const std::string& reason) override;

private:
  static constexpr size_t shards = 64;
  using replicas = snapshot_map<group_id, arrival_port_ptr, 16>;
  /// Who sent it, and the kind.
  using told_drops = snapshot_map<std::pair<node_id, size_t>, bool>;

  template <class Body>
  bool hand_on(node_id from, peer_message& whole, Body& body);
  void drop(node_id from, const peer_message& m);
  static size_t shard_of(const group_id& group);

  fixed_ports fixed_;
  std::array<published<replicas>, shards> replicas_;
  std::atomic<uint64_t> dropped_{0};
  published<told_drops> told_; ///< with a line in the log
};

} // namespace chisme::peers
