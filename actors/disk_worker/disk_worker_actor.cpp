#include "actors/disk_worker/disk_worker_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/partition/open_replica.hpp"

namespace chisme::disk_worker {

disk_worker::disk_worker(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : disk_worker_actor::base(config), disk_(std::move(disk)) {
  end_at_exceptions(*this);
}

disk_worker::behavior_type disk_worker::make_behavior() {
  return {
    [this](const open_request& r) -> open_result {
      // What one log does to it must not end the worker of many.
      try {
        return {std::make_shared<partition::opened_replica>(partition::open_replica(*disk_, *r.what)), {}};
      } catch (const std::exception& e) {
        return {nullptr, e.what()};
      }
    },
  };
}

} // namespace chisme::disk_worker
