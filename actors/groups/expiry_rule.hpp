// When a group's committed offsets are dropped.
#pragma once

#include "messages/ids.hpp"

#include <optional>

namespace chisme::groups {

enum class expiry_since : uint8_t {
  never,  ///< the group is in use
  commit, ///< each offset by the time of its commit
  empty,  ///< all by the time at which the last member went
};

/// Offsets of topics that the group reads never expire, whatever the rule.
struct expiry_rule {
  expiry_since since = expiry_since::never;
  timestamp_ms empty_since = -1; ///< -1: not known, the time of the commit counts
};

} // namespace chisme::groups
