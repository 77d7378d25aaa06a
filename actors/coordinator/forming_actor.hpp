// The shell around forming.hpp: keeps on the disk what this node promises before that is said, and says again what may
// have been lost until the node is a member. From then on it answers those who look for the cluster, and has no timer.
#pragma once

#include "actors/coordinator/forming.hpp"
#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <string>

namespace chisme::coordinator {

struct forming_config {
  forming::options options;
  formation stored; ///< what the disk says
  std::shared_ptr<links::port> links;
  /// Durably, or not at all. Blocks: the actor has a thread of its own where threads are.
  std::function<result<void>(const formation&)> keep;
  /// Once, and after that is on the disk.
  std::function<void(joined_cluster)> joined;
};

class forming_shell final : public forming_actor::base {
public:
  static constexpr std::chrono::milliseconds tick_interval{100};
  /// Between two lines of the log that say what is waited for.
  static constexpr int ticks_between_lines = 50;

  forming_shell(caf::actor_config& config, forming_config c);

  const char* name() const override { return "forming"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;

  void take(const forming::any_input& in);
  void look_again();
  void tell_what_is_awaited();

  void perform(const forming::output::store& x);
  void perform(const forming::output::send& x);
  void perform(const forming::output::joined& x);
  void perform(const forming::output::other_cluster& x);
  void keep_unstored();

  forming_config config_;
  forming machine_;
  std::optional<formation> unstored_; ///< the disk has not taken it yet
  std::string told_failure_;          ///< of the disk, in the log
  std::set<node_id> told_others_;     ///< that belong to another cluster
  int ticks_ = 0;
};

} // namespace chisme::coordinator
