#include "actors/cleaner/cleaner_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/log/compaction.hpp"

namespace chisme::cleaner {

cleaner::cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : cleaner_actor::base(config), disk_(std::move(disk)) {
  end_at_exceptions(*this);
}

cleaner::behavior_type cleaner::make_behavior() {
  return {
    [this](const clean_request& r) -> clean_result {
      // What one log does to it must not end the cleaner of all.
      try {
        return clean(*r.plan);
      } catch (const std::exception& e) {
        return {nullptr, std::string{"an exception: "} + e.what()};
      }
    },
  };
}

clean_result cleaner::clean(const log::compaction_plan& plan) {
  auto outcome = log::compact(*disk_, plan);
  if (!outcome)
    return {nullptr, outcome.error().message};
  return {std::make_shared<log::compaction_result>(std::move(*outcome)), {}};
}

} // namespace chisme::cleaner
