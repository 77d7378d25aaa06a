// Which actor of a simulated scheduler may wait for the disk: those that have a thread of their own in a node.
#pragma once

#include "tests/support/sim_files.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace chisme::test {

inline bool has_own_thread(caf::resumable& job) {
  constexpr std::array<std::string_view, 4> detached{"cleaner", "disk_worker", "flusher", "remover"};
  const auto* actor = dynamic_cast<caf::local_actor*>(&job);
  return actor && std::ranges::find(detached, std::string_view{actor->name()}) != detached.end();
}

/// Handles the first job's next message. False where there is no job.
inline bool run_next(caf::scheduler::test_coordinator& scheduler, sim_files& disk) {
  if (scheduler.jobs.empty())
    return false;
  disk.may_wait(has_own_thread(*scheduler.jobs.front()));
  scheduler.run_once();
  disk.may_wait(true);
  return true;
}

} // namespace chisme::test
