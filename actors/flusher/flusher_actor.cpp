#include "actors/flusher/flusher_actor.hpp"

#include "actors/failing_actor.hpp"

#include <utility>

namespace chisme::flusher {

flusher::flusher(caf::actor_config& config, log::filesystem_ptr whole)
  : flusher_actor::base(config), round_(std::move(whole)) {
  end_at_exceptions(*this);
}

flusher::behavior_type flusher::make_behavior() {
  return {
    [this](const flush_request& request) -> caf::result<flush_result> {
      // The drain comes behind everything that is in the mailbox now: all of that shares one round.
      if (waiting_.empty())
        send(this, drain{});
      round_.add(request);
      waiting_.push_back(make_response_promise<flush_result>());
      return waiting_.back();
    },
    [this](drain) { run_round(); },
  };
}

/// A promise refers to the actor that made it: kept beyond the end, it would keep the flusher alive for ever, and with
/// it the node that waits for its thread.
void flusher::on_exit() {
  for (auto& owed : std::exchange(waiting_, {}))
    owed.deliver(flush_result{"the flusher has ended"});
}

void flusher::run_round() {
  const auto outcomes = round_.run();
  auto answered = std::exchange(waiting_, {});
  for (size_t i = 0; i < answered.size(); ++i)
    answered[i].deliver(outcomes[i]);
}

} // namespace chisme::flusher
