#include "actors/groups/reconciliation.hpp"

namespace chisme::groups {

current_assignment reconciliation::step() const {
  switch (current.state) {
    case member_state::stable:
      return current.epoch == target_epoch ? current : towards_target();
    case member_state::unrevoked_partitions:
      return still_has(current.revoking) ? current : towards_target();
    case member_state::unreleased_partitions:
      return towards_target();
  }
  return current;
}

current_assignment reconciliation::towards_target() const {
  auto keep = common(current.assigned, target);
  auto revoke = without(current.assigned, keep);
  if (!revoke.empty() && still_has(revoke)) {
    return {current.epoch, current.previous_epoch, member_state::unrevoked_partitions, std::move(keep),
            std::move(revoke)};
  }
  partition_set add;
  bool unreleased = false;
  for (const auto& p : without(target, keep)) {
    if (is_free(p))
      add.push_back(p);
    else
      unreleased = true;
  }
  // Within an epoch the previous one stays: a member whose answers were lost may still come with it.
  const auto previous = current.epoch == target_epoch ? current.previous_epoch : current.epoch;
  return {target_epoch,
          previous,
          unreleased ? member_state::unreleased_partitions : member_state::stable,
          together(keep, add),
          {}};
}

bool reconciliation::still_has(const partition_set& revoked) const {
  if (!owned)
    return true;
  return intersects(*owned, revoked);
}

} // namespace chisme::groups
