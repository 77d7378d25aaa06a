#include "actors/peers/peer_router.hpp"

#include <spdlog/spdlog.h>

#include <type_traits>
#include <utility>

namespace chisme::peers {

namespace {

template <class Body, class... Bodies>
constexpr bool is_one_of(std::type_identity<std::variant<Bodies...>>) {
  return (std::is_same_v<Body, Bodies> || ...);
}

template <class Body>
constexpr bool is_gossip = is_one_of<Body>(std::type_identity<peer::membership_message>{});

/// They end where the links do.
template <class Body>
constexpr bool is_of_links =
  is_one_of<Body>(std::type_identity<std::variant<peer::hello, peer::hello_answer, peer::ping, peer::bulk_ping>>{});

template <class Body>
constexpr bool is_of_a_group = requires(const Body& b) {
  { b.group } -> std::convertible_to<const peer::raft_group&>;
};

} // namespace

size_t peer_router::shard_of(const group_id& group) {
  return (std::hash<uuid>{}(group.topic_id) + static_cast<size_t>(group.partition)) % shards;
}

void peer_router::open(const group_id& group, arrival_port_ptr replica) {
  replicas_[shard_of(group)].update([&](replicas& r) { r.put(group, replica); });
}

void peer_router::close(const group_id& group, const arrival_port_ptr& replica) {
  replicas_[shard_of(group)].update([&](replicas& r) {
    if (const auto* known = r.find(group); known && *known == replica)
      r.erase(group);
  });
}

void peer_router::arrived(node_id from, peer_message m) {
  const bool is_taken = std::visit([&](auto& body) { return hand_on(from, m, body); }, m);
  if (!is_taken)
    drop(from, m);
}

template <class Body>
bool peer_router::hand_on(node_id from, peer_message& whole, Body& body) {
  if constexpr (is_of_a_group<Body>) {
    const auto shard = replicas_[shard_of(body.group)].get();
    const auto* replica = shard->find(body.group);
    if (replica)
      (*replica)->send({from, std::move(whole)});
    return replica;
  } else if constexpr (std::is_same_v<Body, peer::heartbeat>) {
    if (fixed_.heartbeats)
      fixed_.heartbeats->send(heartbeats::input::message_arrived{from, std::move(body)});
    return fixed_.heartbeats != nullptr;
  } else if constexpr (is_gossip<Body>) {
    if (fixed_.membership)
      fixed_.membership->send(membership::input::message_arrived{from, std::move(body)});
    return fixed_.membership != nullptr;
  } else if constexpr (is_of_links<Body>) {
    return false;
  } else {
    if (fixed_.coordinator)
      fixed_.coordinator->send({from, std::move(whole)});
    return fixed_.coordinator != nullptr;
  }
}

void peer_router::peer_up(node_id id, uint64_t process_id) {
  if (fixed_.heartbeats)
    fixed_.heartbeats->send(heartbeats::input::peer_up{id, process_id});
  if (fixed_.membership)
    fixed_.membership->send(membership::input::link_up{id});
}

void peer_router::peer_down(node_id id, const std::string&) {
  if (fixed_.heartbeats)
    fixed_.heartbeats->send(heartbeats::input::peer_down{id});
  if (fixed_.membership)
    fixed_.membership->send(membership::input::link_down{id});
}

/// A replica that is not open yet, or not any more, is no news; somebody who sends what is never wanted may be. One
/// line for each kind and node says that it happens.
void peer_router::drop(node_id from, const peer_message& m) {
  dropped_.fetch_add(1, std::memory_order_relaxed);
  const std::pair key{from, m.index()};
  if (told_.get()->contains(key))
    return;
  bool is_first = false;
  told_.update([&](told_drops& t) {
    is_first = !t.contains(key);
    t.put(key, true);
  });
  if (is_first)
    spdlog::info("messages of another node are for nobody here and are dropped from={} message={}", from,
                 peer::name_of(m));
}

} // namespace chisme::peers
