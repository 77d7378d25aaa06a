// Does for others what may block in the disk for long, so that it never blocks a thread of the scheduler: opening a log
// and its recovery, closing it, reading what is not in memory, freeing the blocks of removed files. A node has several,
// detached (nodes/node); a replica always asks the same one.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <vector>

namespace chisme::disk_worker {

class disk_worker final : public disk_worker_actor::base {
public:
  disk_worker(caf::actor_config& config, std::shared_ptr<log::files> disk);

  const char* name() const override { return "disk_worker"; }

private:
  behavior_type make_behavior() override;
  static close_log_result close_log(close_log_request& r);
  static work_result work(work_request& r);
  caf::result<warm_result> warm(warm_request& r);
  /// Reads some of it. Returns whether there is more to read.
  result<bool> warm_some(log::cold_range& rest);

  std::shared_ptr<log::files> disk_;
  std::vector<std::byte> scratch_; ///< where what is warmed is read to
};

} // namespace chisme::disk_worker
