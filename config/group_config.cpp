#include "config/group_config.hpp"

namespace chisme {

std::array<order, 5> group_timing_orders(const node_settings& node, const group_timing& timing,
                                         std::string_view session_timeout, std::string_view heartbeat_interval) {
  named_number session{session_timeout, timing.session_timeout_ms};
  named_number heartbeat{heartbeat_interval, timing.heartbeat_interval_ms};
  return {{
    {{"group.consumer.min.session.timeout.ms", node.consumer_min_session_timeout_ms}, session},
    {session, {"group.consumer.max.session.timeout.ms", node.consumer_max_session_timeout_ms}},
    {{"group.consumer.min.heartbeat.interval.ms", node.consumer_min_heartbeat_interval_ms}, heartbeat},
    {heartbeat, {"group.consumer.max.heartbeat.interval.ms", node.consumer_max_heartbeat_interval_ms}},
    {heartbeat, session, true},
  }};
}

result<group_timing> effective_group_timing(const node_settings& node, const config_overrides& overrides) {
  auto timing = node.group_defaults;
  if (auto stored = store_overrides(group_options(), {.group = &timing}, overrides); !stored)
    return tl::make_unexpected(stored.error());
  std::string problems;
  for (auto& o : group_timing_orders(node, timing, "consumer.session.timeout.ms", "consumer.heartbeat.interval.ms")) {
    if (o.holds())
      continue;
    bool own_is_low = o.low.name.starts_with("consumer.");
    problems += (problems.empty() ? "" : "; ") + std::string{own_is_low ? o.low.name : o.high.name} + ": " +
                (own_is_low ? o.complaint_about_low() : o.complaint_about_high());
  }
  if (!problems.empty())
    return fail(error_code::invalid_config, problems);
  return timing;
}

} // namespace chisme
