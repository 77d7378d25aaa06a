// A member of a consumer group, as its records make it.
#pragma once

#include "actors/groups/partition_set.hpp"

#include <limits>
#include <string>

namespace chisme::groups {

/// The epochs of a request that are none: the member joins, leaves, or is away for a while.
inline constexpr int32_t joining_epoch = 0;
inline constexpr int32_t leaving_epoch = -1;
inline constexpr int32_t away_epoch = -2;

/// Numbers on disk.
enum class member_state : int8_t {
  stable = 0,                ///< has what the target of its epoch gives it
  unrevoked_partitions = 1,  ///< has been told to give up partitions, and has not said yet that it did
  unreleased_partitions = 2, ///< is at its epoch, and waits for partitions that others still have
};

/// What a member has. Of all members of a group, at most one has a partition in `assigned` or `revoking`.
struct current_assignment {
  int32_t epoch = 0;
  int32_t previous_epoch = 0;
  member_state state = member_state::stable;
  partition_set assigned;
  partition_set revoking; ///< not in `assigned` any more, but perhaps still read from

  friend bool operator==(const current_assignment&, const current_assignment&) = default;
};

struct consumer_member {
  member_metadata_value metadata;
  bool is_known = false; ///< there is a record of its metadata
  current_assignment current;
  partition_set target;

  /// Until it speaks the new protocol, its generation is its epoch.
  bool is_classic() const { return metadata.classic.has_value(); }
};

} // namespace chisme::groups
