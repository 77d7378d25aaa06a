#include "actors/cleaner/cleaner_actor.hpp"


namespace chisme::cleaner {

cleaner::cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : cleaner_actor::base(config), disk_(std::move(disk)) {}

cleaner::behavior_type cleaner::make_behavior() {
  return {
    [this](const clean_request&) -> clean_result {
      return {nullptr, "none"};
    },
  };
}

} // namespace chisme::cleaner
