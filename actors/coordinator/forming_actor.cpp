#include "actors/coordinator/forming_actor.hpp"

#include "actors/failing_actor.hpp"
#include "messages/printable.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace chisme::coordinator {

forming_shell::forming_shell(caf::actor_config& config, forming_config c)
  : forming_actor::base(config), config_(std::move(c)), machine_(config_.options, config_.stored) {
  end_at_exceptions(*this);
}

forming_shell::behavior_type forming_shell::make_behavior() {
  look_again();
  return {
    [this](const brokers_changed& x) {
      for (const auto& b : x.alive)
        take(forming::input::seen{b.id});
    },
    [this](const peers::arrival& x) {
      if (const auto* m = std::get_if<peer::forming>(&x.message))
        take(forming::input::message{x.from, *m});
    },
    [this](tick) { look_again(); },
  };
}

/// Those who are told may know this actor.
void forming_shell::on_exit() {
  config_.links = nullptr;
  config_.joined = nullptr;
}

void forming_shell::look_again() {
  keep_unstored();
  take(forming::input::tick{});
  if (machine_.stored().at == formation::phase::member)
    return;
  if (++ticks_ % ticks_between_lines == 0)
    tell_what_is_awaited();
  delayed_send(this, tick_interval, tick{});
}

void forming_shell::take(const forming::any_input& in) {
  forming::outputs out;
  machine_.step(in, out);
  for (const auto& o : out)
    std::visit([this](const auto& x) { perform(x); }, o);
}

void forming_shell::tell_what_is_awaited() {
  const auto awaited = listed(machine_.awaited());
  if (config_.options.expect > 0)
    spdlog::info("waits until {} nodes form a cluster seen={} waits_for={}", config_.options.expect,
                 listed(machine_.seen()), awaited.empty() ? "more nodes" : awaited);
  else
    spdlog::info("waits for a member of a cluster seen={} cure=\"name one in seeds, or start the first nodes with "
                 "expect\"",
                 listed(machine_.seen()));
}

void forming_shell::perform(const forming::output::store& x) {
  unstored_ = x.what;
  keep_unstored();
}

/// A disk that fails is asked again with the next tick.
void forming_shell::keep_unstored() {
  if (!unstored_)
    return;
  if (auto ok = config_.keep(*unstored_); !ok) {
    if (std::exchange(told_failure_, ok.error().message) != ok.error().message)
      spdlog::error("the cluster that this node is to be a member of cannot be noted reason=\"{}\"",
                    ok.error().message);
    return;
  }
  unstored_.reset();
  take(forming::input::stored{});
}

void forming_shell::perform(const forming::output::send& x) { config_.links->send(x.to, x.what); }

void forming_shell::perform(const forming::output::joined& x) {
  spdlog::info("member of the cluster id={} voters={}", x.cluster_id, listed(x.voters));
  config_.joined({x.cluster_id, x.voters, x.is_founder});
}

void forming_shell::perform(const forming::output::other_cluster& x) {
  if (told_others_.insert(x.node).second)
    spdlog::warn("a node belongs to another cluster node={} cluster={} cure=\"give it seeds of its own cluster, or an "
                 "empty log.dir to join this one\"",
                 x.node, printable(x.cluster_id));
}

} // namespace chisme::coordinator
