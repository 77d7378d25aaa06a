// The shell around node_heartbeats.hpp: one timer for the node, whatever the number of groups.
#pragma once

#include "actors/heartbeats/node_heartbeats.hpp"
#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <functional>

namespace chisme::heartbeats {

struct heartbeats_config {
  node_id self = nobody;
  uint64_t process = 0; ///< random, of this start of the node; the links say the same in their hello
  options timing;
  std::shared_ptr<links::port> links;
  /// Never goes back; milliseconds.
  std::function<timestamp_ms()> steady_clock;
};

class heartbeats final : public heartbeats_actor::base {
public:
  heartbeats(caf::actor_config& config, heartbeats_config c);

  const char* name() const override { return "heartbeats"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;

  void take(const any_input& in);
  void open(const group_opened& x);
  void close(const group_closed& x);
  void wait_for_tick();

  void perform(output::send& x) { config_.links->send(x.to, std::move(x.message)); }
  template <class News>
  void perform(const News& x);

  heartbeats_config config_;
  node_heartbeats machine_;
  outputs outputs_; ///< of one step; here for its memory
  std::map<group_id, group_port_ptr> replicas_;
};

port_ptr make_port(heartbeats_actor to);
peer_port_ptr make_peer_port(heartbeats_actor to);

} // namespace chisme::heartbeats
