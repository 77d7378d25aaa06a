// Compacts logs, one at a time for the whole node: compaction is bulk work that must not crowd out the rest.
//
// Reads closed segments and writes their replacements; the partition goes on appending meanwhile and swaps the
// files itself. Blocks its thread in file reads and writes, so a node spawns it detached.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace chisme::cleaner {

class cleaner final : public cleaner_actor::base {
public:
  cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk);

  const char* name() const override { return "cleaner"; }

private:
  behavior_type make_behavior() override;
  clean_result clean(const log::compaction_plan& plan);

  std::shared_ptr<log::files> disk_;
};

} // namespace chisme::cleaner
