// One for each disk: makes what many partitions wrote durable together (group commit).
//
// Requests that arrive while a sync is under way wait in the mailbox and share the next one. Blocks its thread in
// the system call, so a node spawns it detached.
#pragma once

#include "actors/flusher/sync_round.hpp"
#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace chisme::flusher {

class flusher final : public flusher_actor::base {
public:
  /// `whole`: the file system that this flusher serves, see sync_round.
  flusher(caf::actor_config& config, log::filesystem_ptr whole);

  const char* name() const override { return "flusher"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;
  void run_round();

  sync_round round_;
  std::vector<caf::typed_response_promise<flush_result>> waiting_;
};

} // namespace chisme::flusher
