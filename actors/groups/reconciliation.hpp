// One step of a member from what it has to what the target gives it.
//
// A partition changes hands in three steps: its owner is told to give it up, says that it has, and only then
// the next one is told of it. The group's epoch need not be reached by all members at once, each goes at its
// own pace.
#pragma once

#include "actors/groups/consumer_member.hpp"

#include <functional>

namespace chisme::groups {

struct reconciliation {
  const current_assignment& current;
  const partition_set& target;
  int32_t target_epoch = 0;
  /// What the member says it has; null if it says nothing, and where what it says is older than what it was
  /// told.
  const partition_set* owned = nullptr;
  /// Whether no other member has the partition.
  std::function<bool(const assigned_partition&)> is_free;

  /// What the member has after this step; the same as before where there is nothing to do or to wait for.
  current_assignment step() const;

private:
  current_assignment towards_target() const;
  bool still_has(const partition_set& revoked) const;
};

} // namespace chisme::groups
