// What a node has besides, where it is one of many: heartbeats, membership, the cluster that it joins, and the
// way of what others send.
#include "actors/coordinator/forming_actor.hpp"
#include "actors/heartbeats/heartbeats_actor.hpp"
#include "actors/membership/membership_actor.hpp"
#include "actors/port_to_actor.hpp"
#include "actors/root/root_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"

#include <utility>

namespace chisme::root {

/// Heartbeats and membership have threads of their own: a node whose disk is slow must not seem to be dead because all
/// others wait for it.
void root::start_peers() {
  for (auto& b : config_.brokers)
    if (b.id == config_.peers.self.id)
      b.folder = config_.peers.self.folder;
  heartbeats::heartbeats_config c;
  c.self = config_.settings->node_id;
  c.process = config_.peers.self.process;
  c.links = config_.peers.links;
  c.steady_clock = config_.steady_clock;
  heartbeats_ = spawn_with_thread<heartbeats::heartbeats>(std::move(c));
  keep(heartbeats_, "heartbeats");
  start_membership();
  router_ = std::make_shared<peers::peer_router>(
    peers::fixed_ports{heartbeats::make_peer_port(heartbeats_), membership::make_peer_port(membership_),
                       std::make_shared<actor_port<peers::arrival_port, root_actor>>(root_actor{this})});
  config_.peers.receive(router_);
  start_forming();
}

void root::start_membership() {
  membership::membership_config c;
  c.self = config_.peers.self;
  c.options.seeds = config_.peers.seeds;
  c.random = config_.random.split();
  c.links = config_.peers.links;
  c.steady_clock = config_.steady_clock;
  c.heartbeats = heartbeats::make_peer_port(heartbeats_);
  c.brokers_changed = [me = root_actor{this}](std::vector<broker_endpoint> alive) {
    caf::anon_send(me, brokers_changed{std::move(alive)});
  };
  c.leader_changed = [me = root_actor{this}](const peer::leader_claim& x) {
    caf::anon_send(me, supervisor::leader_claim{{x.topic, x.partition}, x.leader, x.epoch});
  };
  membership_ = spawn_with_thread<membership::membership>(std::move(c));
  keep(membership_, "membership");
}

void root::start_forming() {
  coordinator::forming_config c;
  c.options = {config_.settings->node_id, config_.peers.expect, config_.peers.cluster_id,
               [ids = config_.random.split().ids()] { return to_string(ids()); }};
  c.stored = config_.peers.formation;
  c.links = config_.peers.links;
  c.keep = config_.peers.keep;
  c.joined = [me = root_actor{this}](coordinator::joined_cluster m) { caf::anon_send(me, std::move(m)); };
  forming_ = spawn_with_thread<coordinator::forming_shell>(std::move(c));
  keep(forming_, "forming");
}

void root::join(coordinator::joined_cluster& m) {
  if (!ending_.empty())
    return;
  config_.cluster_id = m.cluster_id;
  config_.peers.formation = {coordinator::formation::phase::member, m.cluster_id, -1, {}, m.voters, m.is_founder};
  config_.peers.links->set_cluster_id(std::move(m.cluster_id));
  start_supervisor();
  for (const auto& x : std::exchange(early_claims_, {}))
    caf::anon_send(supervisor_, x);
}

/// The membership says each once. Nodes that look for a cluster hear of few: what is too much is of no cluster.
void root::heed_claim(const supervisor::leader_claim& x) {
  if (supervisor_)
    caf::anon_send(supervisor_, x);
  else if (early_claims_.size() < membership::swim_options{}.most_claims)
    early_claims_.push_back(x);
}

void root::let_know_of_peers(supervisor::supervisor_config& c) {
  const auto& joined = config_.peers.formation;
  c.place = {joined.voters, true, config_.peers.self.folder, joined.is_founder};
  c.links = config_.peers.links;
  c.heartbeats = heartbeats::make_port(heartbeats_);
  c.router = router_;
  const auto gossip = membership::make_port(membership_);
  c.claim = [gossip](const supervisor::leader_claim& x) {
    gossip->send(membership::input::partitions_led{{{x.key.topic_id, x.key.partition, x.epoch, x.leader}}});
  };
  c.forget_claims = [gossip](const uuid& topic) { gossip->send(membership::input::forget_topic{topic}); };
}

/// Who is not there yet is asked again.
void root::hand_on(peers::arrival& m) {
  if (std::holds_alternative<peer::forming>(m.message)) {
    caf::anon_send(forming_, std::move(m));
  } else if (!coordinator_) {
    return;
  } else if (auto* forward = std::get_if<peer::change_forward>(&m.message)) {
    caf::anon_send(coordinator_, coordinator::peer_forward{m.from, std::move(*forward)});
  } else if (auto* answer = std::get_if<peer::change_answer>(&m.message)) {
    caf::anon_send(coordinator_, coordinator::peer_answer{m.from, std::move(*answer)});
  }
}

} // namespace chisme::root
