#include "actors/cleaner/cleaner_actor.hpp"

#include "actors/log/compaction.hpp"

namespace chisme::cleaner {

cleaner::cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : cleaner_actor::base(config), disk_(std::move(disk)) {}

cleaner::behavior_type cleaner::make_behavior() {
  return {
    [this](const clean_request& r) -> clean_result {
      auto outcome = log::compact(*disk_, *r.plan);
      if (!outcome)
        return {nullptr, outcome.error().message};
      return {std::make_shared<log::compaction_result>(std::move(*outcome)), {}};
    },
  };
}

} // namespace chisme::cleaner
