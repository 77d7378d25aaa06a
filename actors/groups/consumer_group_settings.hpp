// What groups of the consumer protocol are set up with.
#pragma once

#include "config/group_timing.hpp"
#include "config/migration_policy.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace chisme::groups {

/// `group.consumer.*`
struct consumer_group_settings {
  int32_t session_timeout_ms = 45'000;
  int32_t min_session_timeout_ms = 45'000;
  int32_t max_session_timeout_ms = 60'000;
  int32_t heartbeat_interval_ms = 5'000;
  int32_t min_heartbeat_interval_ms = 5'000;
  int32_t max_heartbeat_interval_ms = 15'000;
  /// Between two assignments; 10,000 members are assigned once a second at most.
  int32_t assignment_pause_us_per_member = 100;
  size_t max_size = std::numeric_limits<int32_t>::max();
  std::vector<std::string> assignors{"uniform", "range"}; ///< the first is for who asks for none

  migration_policy migration = migration_policy::bidirectional;

  /// Within the bounds, which a group's own configs do not go beyond.
  int32_t session_timeout() const {
    return std::max(min_session_timeout_ms, std::min(session_timeout_ms, max_session_timeout_ms));
  }
  int32_t heartbeat_interval() const {
    return std::max(min_heartbeat_interval_ms, std::min(heartbeat_interval_ms, max_heartbeat_interval_ms));
  }

  /// For a group that has times of its own.
  consumer_group_settings with(const group_timing& own) const {
    auto changed = *this;
    changed.session_timeout_ms = own.session_timeout_ms;
    changed.heartbeat_interval_ms = own.heartbeat_interval_ms;
    return changed;
  }
};

} // namespace chisme::groups
