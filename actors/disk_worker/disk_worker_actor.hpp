// Does for replicas what may block in the disk for long, so that it never blocks a thread of the scheduler: opening a log
// and its recovery. A node has several, detached (nodes/node); a replica always asks the same one.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace chisme::disk_worker {

class disk_worker final : public disk_worker_actor::base {
public:
  disk_worker(caf::actor_config& config, std::shared_ptr<log::files> disk);

  const char* name() const override { return "disk_worker"; }

private:
  behavior_type make_behavior() override;

  std::shared_ptr<log::files> disk_;
};

} // namespace chisme::disk_worker
