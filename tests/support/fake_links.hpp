// Links that keep what they are told.
#pragma once

#include "actors/links/port.hpp"

#include <map>
#include <set>
#include <vector>

namespace chisme::test {

class fake_links final : public links::port {
public:
  struct sent {
    node_id to = -1;
    peer_message message;
  };

  /// As the real ones do: what goes to nobody that is up is dropped.
  bool send(node_id to, peer_message m) override {
    if (!up.contains(to))
      return false;
    sent_messages.push_back({to, std::move(m)});
    return true;
  }
  void set_peer(node_id id, peer::address at) override {
    peers[id] = std::move(at);
    ++peers_set;
  }
  void forget_peer(node_id id) override { peers.erase(id); }
  void dial_seed(peer::address at) override { seeds.insert(std::move(at)); }
  void set_cluster_id(std::string) override {}

  /// Messages of a kind that were sent to a node, which are forgotten.
  template <class Body>
  std::vector<Body> take(node_id to) {
    std::vector<Body> found;
    std::erase_if(sent_messages, [&](const sent& s) {
      const auto* body = std::get_if<Body>(&s.message);
      if (s.to != to || !body)
        return false;
      found.push_back(*body);
      return true;
    });
    return found;
  }

  std::set<node_id> up;
  std::vector<sent> sent_messages;
  std::map<node_id, peer::address> peers;
  std::set<peer::address> seeds;
  int peers_set = 0;
};

} // namespace chisme::test
