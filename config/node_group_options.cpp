// The rows for group coordinators. Names, defaults and bounds are Kafka's
// (org.apache.kafka.coordinator.group.GroupCoordinatorConfig).

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;
using enum option_scope;

// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "offsets.topic.num.partitions",
     .type = int32,
     .scope = node_fixed,
     .fallback = "50",
     .min = 1,
     .max = 100'000,
     .doc = "Partitions of the topic of committed offsets.",
     .store = into<&node_settings::offsets_topic_partitions>},
    {.name = "offsets.topic.replication.factor",
     .type = int32,
     .scope = node_fixed,
     .fallback = "3",
     .min = 1,
     .max = 1000,
     .doc = "Replicas of the topic of committed offsets. Where it is not set: as many as there are nodes, up to 3.",
     .store = into<&node_settings::offsets_topic_replication_factor>},
    {.name = "offsets.retention.minutes",
     .type = int32,
     .scope = node_fixed,
     .fallback = "10080",
     .min = 1,
     .doc = "How long committed offsets are kept once nobody uses them.",
     .store = ms_into<&node_settings::offsets_retention_ms, ms_per_minute>},
    {.name = "offsets.retention.check.interval.ms",
     .type = int64,
     .scope = node_fixed,
     .fallback = "600000",
     .min = 1,
     .doc = "How often a node looks for committed offsets to drop.",
     .store = into<&node_settings::offsets_retention_check_interval_ms>},
    {.name = "offset.metadata.max.bytes",
     .type = int32,
     .scope = node_fixed,
     .fallback = "4096",
     .min = 0,
     .doc = "The most text that may go with a committed offset.",
     .store = into<&node_settings::offset_metadata_max_bytes>},
    {.name = "group.min.session.timeout.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "6000",
     .min = 1,
     .doc = "The shortest time of silence after which a member of a group may ask to be given up.",
     .store = into<&node_settings::group_min_session_timeout_ms>},
    {.name = "group.max.session.timeout.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1800000",
     .min = 1,
     .doc = "The longest such time.",
     .store = into<&node_settings::group_max_session_timeout_ms>},
    {.name = "group.initial.rebalance.delay.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "3000",
     .min = 0,
     .doc = "How long an empty group waits for more members after the first one.",
     .store = into<&node_settings::group_initial_rebalance_delay_ms>},
    {.name = "group.max.size",
     .type = int32,
     .scope = node_fixed,
     .fallback = "2147483647",
     .min = 1,
     .doc = "The most members of a group.",
     .store = into<&node_settings::group_max_size>},

    {.name = "group.consumer.session.timeout.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "45000",
     .min = 1,
     .doc = "How long a member of a consumer group (KIP-848) may be silent before it is given up, where the "
            "group does not say.",
     .store = into<&group_timing::session_timeout_ms>},
    {.name = "group.consumer.min.session.timeout.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "45000",
     .min = 1,
     .doc = "The shortest such time that a consumer group may set.",
     .store = into<&node_settings::consumer_min_session_timeout_ms>},
    {.name = "group.consumer.max.session.timeout.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "60000",
     .min = 1,
     .doc = "The longest such time that a consumer group may set.",
     .store = into<&node_settings::consumer_max_session_timeout_ms>},
    {.name = "group.consumer.heartbeat.interval.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "5000",
     .min = 1,
     .doc = "How often members of a consumer group (KIP-848) are told to heartbeat, where the group does not "
            "say.",
     .store = into<&group_timing::heartbeat_interval_ms>},
    {.name = "group.consumer.min.heartbeat.interval.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "5000",
     .min = 1,
     .doc = "The shortest such interval that a consumer group may set.",
     .store = into<&node_settings::consumer_min_heartbeat_interval_ms>},
    {.name = "group.consumer.max.heartbeat.interval.ms",
     .type = int32,
     .scope = node_fixed,
     .fallback = "15000",
     .min = 1,
     .doc = "The longest such interval that a consumer group may set.",
     .store = into<&node_settings::consumer_max_heartbeat_interval_ms>},
    {.name = "group.consumer.max.size",
     .type = int32,
     .scope = node_fixed,
     .fallback = "2147483647",
     .min = 1,
     .doc = "The most members of a consumer group (KIP-848).",
     .store = into<&node_settings::consumer_max_size>},
    {.name = "group.consumer.assignors",
     .type = list,
     .scope = node_fixed,
     .fallback = "uniform,range",
     .choices = consumer_assignors,
     .doc =
         "How the partitions of a consumer group (KIP-848) may be shared out; the first is for members that "
         "do not say.",
     .store = into<&node_settings::consumer_assignors>},
    {.name = "group.consumer.migration.policy",
     .type = string,
     .scope = node_fixed,
     .fallback = "bidirectional",
     .choices = migration_policies,
     .doc =
         "Which way a group may change while it has members: upgrade (from the classic protocol to that of "
         "KIP-848), downgrade (back), both or neither.",
     .store = choice_into<&node_settings::consumer_migration, migration_policies>},
};
// clang-format on

} // namespace

std::span<const option> rows::of_group_coordinators() { return rows_; }

} // namespace chisme
