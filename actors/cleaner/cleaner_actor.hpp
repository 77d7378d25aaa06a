// Compacts logs, one at a time for the whole node: compaction is bulk work that must not crowd out the rest.
//
// Reads closed segments and writes their replacements; the partition goes on appending meanwhile and swaps the
// files itself. Blocks its thread in file reads and writes, so a node spawns it detached; one that ends says so, and
// the compaction under way fails at its next read.
#pragma once

#include "actors/interfaces.hpp"
#include "messages/keyed_hash.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>

namespace chisme::cleaner {

class cleaner final : public cleaner_actor::base {
public:
  /// `hash`: by which keys are told apart, a secret of the node. `ends`: set by any thread once no compaction is wanted
  /// any more.
  cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk, hash_key hash = {},
          std::shared_ptr<const std::atomic<bool>> ends = std::make_shared<const std::atomic<bool>>(false));

  const char* name() const override { return "cleaner"; }

private:
  behavior_type make_behavior() override;
  clean_result clean(log::compaction_plan& plan);

  std::shared_ptr<log::files> disk_;
  hash_key hash_;
  std::shared_ptr<const std::atomic<bool>> ends_;
};

} // namespace chisme::cleaner
