// What a node has besides, where it is one of many: heartbeats, membership, and the way of what others send.
#include "actors/heartbeats/heartbeats_actor.hpp"
#include "actors/membership/membership_actor.hpp"
#include "actors/port_to_actor.hpp"
#include "actors/root/root_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"

#include <utility>

namespace chisme::root {

void root::start_peers() {
  for (auto& b : config_.brokers)
    if (b.id == config_.peers.self.id)
      b.folder = config_.peers.self.folder;
  heartbeats::heartbeats_config c;
  c.self = config_.settings->node_id;
  c.process = config_.peers.self.process;
  c.links = config_.peers.links;
  c.steady_clock = config_.steady_clock;
  heartbeats_ = system().spawn<heartbeats::heartbeats>(std::move(c));
  keep(heartbeats_, "heartbeats");
  start_membership();
  router_ = std::make_shared<peers::peer_router>(
    peers::fixed_ports{heartbeats::make_peer_port(heartbeats_), membership::make_peer_port(membership_),
                       std::make_shared<actor_port<peers::arrival_port, root_actor>>(root_actor{this})});
  config_.peers.receive(router_);
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
  membership_ = system().spawn<membership::membership>(std::move(c));
  keep(membership_, "membership");
}

void root::let_know_of_peers(supervisor::supervisor_config& c) {
  c.place = {config_.peers.voters, true, config_.peers.self.folder, config_.peers.is_founder};
  c.links = config_.peers.links;
  c.heartbeats = heartbeats::make_port(heartbeats_);
  c.router = router_;
  const auto gossip = membership::make_port(membership_);
  c.claim = [gossip](const supervisor::leader_claim& x) {
    gossip->send(membership::input::partitions_led{{{x.key.topic_id, x.key.partition, x.epoch, x.leader}}});
  };
  c.forget_claims = [gossip](const uuid& topic) { gossip->send(membership::input::forget_topic{topic}); };
}

/// One that is not there yet is asked again.
void root::hand_to_coordinator(peers::arrival& m) {
  if (!coordinator_)
    return;
  if (auto* forward = std::get_if<peer::change_forward>(&m.message))
    caf::anon_send(coordinator_, coordinator::peer_forward{m.from, std::move(*forward)});
  else if (auto* answer = std::get_if<peer::change_answer>(&m.message))
    caf::anon_send(coordinator_, coordinator::peer_answer{m.from, std::move(*answer)});
}

} // namespace chisme::root
