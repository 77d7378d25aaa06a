#include "actors/membership/membership_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/port_to_actor.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chisme::membership {

namespace {

peer_message as_peer_message(const peer::membership_message& m) {
  return std::visit([](const auto& body) { return peer_message{body}; }, m);
}

broker_endpoint endpoint_of(const peer::member& m) {
  const auto& client = m.clients.front();
  return {m.id, client.host, client.port, m.rack.empty() ? std::nullopt : std::optional{m.rack}, m.folder};
}

bool is_same(const broker_endpoint& a, const broker_endpoint& b) {
  return std::tie(a.id, a.host, a.port, a.rack, a.folder) == std::tie(b.id, b.host, b.port, b.rack, b.folder);
}

std::string_view words_of(output::member_event e) {
  switch (e) {
    case output::member_event::joined:
      return "joined";
    case output::member_event::alive:
      return "is alive";
    case output::member_event::suspect:
      return "is suspected";
    case output::member_event::dead:
      return "is dead";
    case output::member_event::left:
      return "has left";
    case output::member_event::changed:
      return "has changed";
  }
  return "";
}

} // namespace

port_ptr make_port(membership_actor to) { return std::make_shared<actor_port<port, membership_actor>>(std::move(to)); }

peer_port_ptr make_peer_port(membership_actor to) {
  return std::make_shared<actor_port<peer_port, membership_actor>>(std::move(to));
}

membership::membership(caf::actor_config& config, membership_config c)
  : membership_actor::base(config), config_(std::move(c)),
    machine_(config_.self, config_.options, std::move(config_.random)) {
  end_at_exceptions(*this);
}

membership::behavior_type membership::make_behavior() {
  told_brokers_ = brokers();
  wait_for_tick();
  return {
    [this](const input::message_arrived& x) { take(x); },
    [this](const input::link_up& x) { link_is_up(x); },
    [this](const input::link_down& x) { link_is_down(x); },
    [this](const input::partitions_led& x) { take(x); },
    [this](const input::forget_topic& x) { take(x); },
    [this](const input::addresses_changed& x) { take(x); },
    [this](const input::leave& x) {
      take(x);
      quit(caf::exit_reason::user_shutdown);
    },
    [this](tick) {
      take(input::tick{});
      wait_for_tick();
    },
  };
}

/// Those who are told may know this actor.
void membership::on_exit() {
  config_.links = nullptr;
  config_.heartbeats = nullptr;
  config_.brokers_changed = nullptr;
  config_.leader_changed = nullptr;
}

void membership::wait_for_tick() { delayed_send(this, tick_interval, tick{}); }

void membership::take(const swim_input& in) {
  outputs_.clear();
  greeted_.clear();
  machine_.step(config_.steady_clock(), in, outputs_);
  for (const auto& o : outputs_)
    std::visit([this](const auto& x) { perform(x); }, o);
  tell_brokers(std::holds_alternative<input::addresses_changed>(in));
}

// -- links -----------------------------------------------------------------------------------------------------------

/// Whoever was dialled as a seed is known by its node id from here on: what was meant for it goes out now.
void membership::link_is_up(const input::link_up& x) {
  up_.insert(x.node);
  if (greeting_ && is_stranger(x.node))
    config_.links->send(x.node, as_peer_message(*greeting_));
  take(x);
}

void membership::link_is_down(const input::link_down& x) {
  up_.erase(x.node);
  take(x);
}

void membership::perform(const output::send& x) {
  if (x.node < 0)
    return ask_strangers(x);
  // Of who is no member yet that is what it says itself. Members are reached where all believe them to be.
  if (is_stranger(x.node) && !reached_.contains(x.node) && reached_.size() < most_reached)
    reach(x.node, x.to);
  config_.links->send(x.node, as_peer_message(x.message));
}

/// Links go to nodes; which one it is that answers at an address they learn by dialling. All who did and are no members
/// get what is for seeds, once a step.
void membership::ask_strangers(const output::send& x) {
  config_.links->dial_seed(x.to);
  greeting_ = x.message;
  for (const auto id : up_)
    if (is_stranger(id) && greeted_.insert(id).second)
      config_.links->send(id, as_peer_message(x.message));
}

void membership::reach(node_id id, const peer::address& at) {
  if (id == config_.self.id || at.host.empty())
    return;
  auto& known = reached_[id];
  if (std::exchange(known, at) != at)
    config_.links->set_peer(id, at);
}

// -- who is told -----------------------------------------------------------------------------------------------------

void membership::perform(const output::member_changed& x) {
  using enum output::member_event;
  spdlog::log(x.what == dead ? spdlog::level::warn : spdlog::level::info, "node={} {} peer={} process={:016x}",
              x.who.id, words_of(x.what), peer::to_string(x.who.peer), x.who.process);
  if (x.what == left) {
    reached_.erase(x.who.id);
    config_.links->forget_peer(x.who.id);
  } else {
    reach(x.who.id, x.who.peer); // a dead one, too: it may come back, or be on the other side of a partition
  }
  if (config_.heartbeats && (x.what == suspect || x.what == dead || x.what == left))
    config_.heartbeats->send(heartbeats::input::peer_suspected{x.who.id});
}

void membership::perform(const output::conflict& x) {
  spdlog::error("two processes claim to be node {} and the first one keeps it first={} second={} "
                "cure=\"give one of them another node.id\"",
                x.node, peer::to_string(x.first), peer::to_string(x.second));
}

std::vector<broker_endpoint> membership::brokers() const {
  std::map<node_id, broker_endpoint> there;
  for (const auto& [id, entry] : machine_.members())
    if (!is_gone(entry.state) && !entry.who.clients.empty())
      there.emplace(id, endpoint_of(entry.who));
  if (const auto& self = machine_.self(); !self.clients.empty())
    there.insert_or_assign(self.id, endpoint_of(self));
  std::vector<broker_endpoint> all;
  for (auto& [id, endpoint] : there)
    all.push_back(std::move(endpoint));
  return all;
}

void membership::tell_brokers(bool this_node_changed) {
  const auto is_news = [](const swim_output& o) { return std::holds_alternative<output::member_changed>(o); };
  if (!this_node_changed && std::none_of(outputs_.begin(), outputs_.end(), is_news))
    return;
  auto now = brokers();
  if (std::equal(now.begin(), now.end(), told_brokers_.begin(), told_brokers_.end(), is_same))
    return;
  told_brokers_ = now;
  config_.brokers_changed(std::move(now));
}

} // namespace chisme::membership
