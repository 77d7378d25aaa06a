#include "actors/heartbeats/heartbeats_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/port_to_actor.hpp"

#include <utility>

namespace chisme::heartbeats {

port_ptr make_port(heartbeats_actor to) { return std::make_shared<actor_port<port, heartbeats_actor>>(std::move(to)); }

peer_port_ptr make_peer_port(heartbeats_actor to) {
  return std::make_shared<actor_port<peer_port, heartbeats_actor>>(std::move(to));
}

heartbeats::heartbeats(caf::actor_config& config, heartbeats_config c)
  : heartbeats_actor::base(config), config_(std::move(c)), machine_(config_.self, config_.process, config_.timing) {
  end_at_exceptions(*this);
}

heartbeats::behavior_type heartbeats::make_behavior() {
  wait_for_tick();
  return {
    [this](const group_opened& x) { open(x); },
    [this](const input::group_changed& x) { take(x); },
    [this](const group_closed& x) { close(x); },
    [this](const input::message_arrived& x) { take(x); },
    [this](const input::peer_up& x) { take(x); },
    [this](const input::peer_down& x) { take(x); },
    [this](const input::peer_suspected& x) { take(x); },
    [this](tick) {
      take(input::tick{});
      wait_for_tick();
    },
  };
}

/// Replicas know this actor: neither would ever go.
void heartbeats::on_exit() {
  replicas_.clear();
  config_.links = nullptr;
}

/// A tick that comes late makes the next one come late: they never pile up.
void heartbeats::wait_for_tick() { delayed_send(this, std::chrono::milliseconds{config_.timing.tick_ms}, tick{}); }

void heartbeats::take(const any_input& in) {
  outputs_.clear();
  machine_.step(config_.steady_clock(), in, outputs_);
  for (auto& o : outputs_)
    std::visit([this](auto& x) { perform(x); }, o);
}

void heartbeats::open(const group_opened& x) {
  take(input::group_gone{x.group});
  replicas_[x.group] = x.replica;
}

void heartbeats::close(const group_closed& x) {
  const auto i = replicas_.find(x.group);
  if (i == replicas_.end() || i->second != x.replica)
    return;
  replicas_.erase(i);
  take(input::group_gone{x.group});
}

template <class News>
void heartbeats::perform(const News& x) {
  if (const auto i = replicas_.find(x.group); i != replicas_.end())
    i->second->send(group_news{x});
}

} // namespace chisme::heartbeats
