// The rows for consumer groups (org.apache.kafka.coordinator.group.GroupConfig). A group may not go beyond
// the node's bounds: config/group_config.hpp.

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;
using names = std::string_view;

constexpr names heartbeat_interval[] = {"group.consumer.heartbeat.interval.ms"};
constexpr names session_timeout[] = {"group.consumer.session.timeout.ms"};

// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "consumer.heartbeat.interval.ms",
     .type = int32,
     .scope = option_scope::group,
     .fallback = "5000",
     .min = 1,
     .inherits = heartbeat_interval,
     .doc = "How often members are told to heartbeat.",
     .store = into<&group_timing::heartbeat_interval_ms>},
    {.name = "consumer.session.timeout.ms",
     .type = int32,
     .scope = option_scope::group,
     .fallback = "45000",
     .min = 1,
     .inherits = session_timeout,
     .doc = "How long a member may be silent before it is given up.",
     .store = into<&group_timing::session_timeout_ms>},
};
// clang-format on

} // namespace

std::span<const option> rows::of_groups() { return rows_; }

} // namespace chisme
