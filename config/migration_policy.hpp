// group.consumer.migration.policy: which way a group that has members may change its protocol (KIP-848).
#pragma once

#include <cstdint>

namespace chisme {

enum class migration_policy : uint8_t { disabled, downgrade, upgrade, bidirectional };

/// From the classic protocol to that of KIP-848.
constexpr bool allows_upgrade(migration_policy p) {
  return p == migration_policy::upgrade || p == migration_policy::bidirectional;
}

/// And back.
constexpr bool allows_downgrade(migration_policy p) {
  return p == migration_policy::downgrade || p == migration_policy::bidirectional;
}

} // namespace chisme
