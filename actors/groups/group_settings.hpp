// What group coordinators are set up with.
#pragma once

#include "actors/groups/consumer_group_flaws.hpp"
#include "actors/groups/consumer_group_settings.hpp"
#include "config/node_settings.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace chisme::groups {

/// Mistakes that a simulation makes on purpose, to be known to find them. Outside of tests there are none.
enum class planted_bug : uint8_t {
  none,
  commits_of_any_generation,     ///< OffsetCommit does not look at the generation
  replaced_members_stay,         ///< the old id of a static member that came back remains a member
  syncs_of_any_generation,       ///< SyncGroup does not look at the generation
  generation_stands_still,       ///< a rebalance gives no new generation
  generation_is_not_written,     ///< members are told of a generation that a restart forgets
  assignment_is_not_written,     ///< the leader's assignment is answered, but no record made
  commit_is_not_written,         ///< a commit is answered, but no record made
  replacement_is_not_written,    ///< a static member's new id is answered, but no record made
  parked_syncs_are_forgotten,    ///< a rebalance leaves the waiting syncs without an answer
  joins_are_answered_twice,      ///< a member that joins again while it waits gets both answers
  sessions_never_end,            ///< silent members stay
  stragglers_stay,               ///< members that did not rejoin in time stay in the new generation
  pending_ids_never_end,         ///< a member id that nobody joined with is waited for always
  old_assignment_is_kept,        ///< a member without an assignment keeps that of the last generation
  offsets_go_with_the_topic,     ///< a commit replaces all offsets of its topic
  members_are_not_loaded,        ///< a loaded group has no members
  expiry_ignores_the_group,      ///< offsets expire by their age although the group uses them
  assignments_are_not_converted, ///< who comes from a classic group to a consumer group is thought to have nothing
  conversion_is_not_written,     ///< a consumer group becomes a classic one without a record
  downgrade_counts_anew,         ///< the generations of what was a consumer group begin at 0
  dissolved_groups_are_silent,   ///< who waits in a classic group that is converted gets no answer
  topics_are_known_by_name,      ///< what was committed for a topic is taken for that of another one of its name
};

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
  planted_bug planted = planted_bug::none;
  flaw planted_flaw = flaw::none; ///< in consumer groups

  bool has(planted_bug bug) const { return planted == bug; }
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
