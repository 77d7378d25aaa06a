// The shell around swim.hpp: one timer, the links that the members are reached by, and who is told what changed.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/heartbeats/port.hpp"
#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"
#include "actors/membership/swim.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <functional>
#include <set>

namespace chisme::membership {

struct membership_config {
  peer::member self;
  swim_options options;
  random_source random{0};
  std::shared_ptr<links::port> links;
  /// Never goes back; milliseconds.
  std::function<timestamp_ms()> steady_clock;
  /// Is told whom somebody suspects.
  heartbeats::peer_port_ptr heartbeats;
  /// Those who are there, this node always among them, in the order of their ids. Called when that has changed.
  std::function<void(std::vector<broker_endpoint>)> brokers_changed = [](std::vector<broker_endpoint>) {};
  /// Who leads a partition, in an epoch that is newer than what was known.
  std::function<void(const peer::leader_claim&)> leader_changed = [](const peer::leader_claim&) {};
};

class membership final : public membership_actor::base {
public:
  static constexpr std::chrono::milliseconds tick_interval{50};
  /// Nodes that the links are told of at the same time.
  static constexpr size_t most_reached = 2'000;

  membership(caf::actor_config& config, membership_config c);

  const char* name() const override { return "membership"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;

  void take(const swim_input& in);
  void wait_for_tick();
  void link_is_up(const input::link_up& x);
  void link_is_down(const input::link_down& x);

  void perform(const output::send& x);
  void perform(const output::member_changed& x);
  void perform(const output::conflict& x);
  void perform(const output::leader_changed& x) { config_.leader_changed(x.claim); }

  void ask_strangers(const output::send& x);
  void reach(node_id id, const peer::address& at);
  bool is_stranger(node_id id) const { return !machine_.members().contains(id); }
  void tell_brokers(bool this_node_changed);
  std::vector<broker_endpoint> brokers() const;

  membership_config config_;
  swim machine_;
  swim_outputs outputs_;                     ///< of one step; here for its memory
  std::map<node_id, peer::address> reached_; ///< what the links were told
  std::set<node_id> up_;
  std::optional<peer::membership_message> greeting_; ///< the newest one for whoever answers at a seed
  std::set<node_id> greeted_;                        ///< with it
  std::vector<broker_endpoint> told_brokers_;
};

port_ptr make_port(membership_actor to);
peer_port_ptr make_peer_port(membership_actor to);

} // namespace chisme::membership
