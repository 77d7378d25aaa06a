// What group coordinators are set up with.
#pragma once

#include "actors/groups/consumer_group_settings.hpp"
#include "config/node_settings.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace chisme::groups {

/// What the members of a group say and are given, together, or what is committed at once: it stands in one record, or
/// in one batch, and that has to fit into max.message.bytes of the partition (64 MiB) with what stands beside it.
inline constexpr size_t max_group_bytes = 48 << 20;

struct group_settings {
  int32_t min_session_timeout_ms = 6'000;
  int32_t max_session_timeout_ms = 1'800'000;
  int32_t initial_rebalance_delay_ms = 3'000;
  int32_t max_size = std::numeric_limits<int32_t>::max();
  int32_t offset_metadata_max_bytes = 4'096;
  int64_t offsets_retention_ms = 10'080 * int64_t{60'000};
  int64_t offsets_retention_check_interval_ms = 600'000;
  consumer_group_settings consumer;
};

inline consumer_group_settings consumer_group_settings_of(const node_settings& node) {
  consumer_group_settings s;
  s.session_timeout_ms = node.group_defaults.session_timeout_ms;
  s.min_session_timeout_ms = node.consumer_min_session_timeout_ms;
  s.max_session_timeout_ms = node.consumer_max_session_timeout_ms;
  s.heartbeat_interval_ms = node.group_defaults.heartbeat_interval_ms;
  s.min_heartbeat_interval_ms = node.consumer_min_heartbeat_interval_ms;
  s.max_heartbeat_interval_ms = node.consumer_max_heartbeat_interval_ms;
  s.max_size = static_cast<size_t>(node.consumer_max_size);
  s.assignors = node.consumer_assignors;
  s.migration = node.consumer_migration;
  return s;
}

/// Those of a node.
inline group_settings group_settings_of(const node_settings& node) {
  group_settings s;
  s.min_session_timeout_ms = node.group_min_session_timeout_ms;
  s.max_session_timeout_ms = node.group_max_session_timeout_ms;
  s.initial_rebalance_delay_ms = node.group_initial_rebalance_delay_ms;
  s.max_size = node.group_max_size;
  s.offset_metadata_max_bytes = node.offset_metadata_max_bytes;
  s.offsets_retention_ms = node.offsets_retention_ms;
  s.offsets_retention_check_interval_ms = node.offsets_retention_check_interval_ms;
  s.consumer = consumer_group_settings_of(node);
  return s;
}

/// What all groups of a shard share.
struct group_context {
  group_settings settings;
  /// The part of a member id that makes it unique (a UUID); never the same twice.
  std::function<std::string()> new_id;
};

} // namespace chisme::groups
