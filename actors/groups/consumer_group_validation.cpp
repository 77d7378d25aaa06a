// What a ConsumerGroupHeartbeat must and must not say, whatever the group.
#include "actors/groups/consumer_group.hpp"

#include "actors/groups/group_settings.hpp"
#include "actors/groups/topic_regex.hpp"

namespace chisme::groups {

namespace {

using request_type = kafka::consumer_group_heartbeat_request;

size_t bytes_of(const std::vector<std::string>& names) {
  size_t bytes = 0;
  for (const auto& name : names)
    bytes += name.size();
  return bytes;
}

const char* missing_when_joining(const request_type& r) {
  if (r.rebalance_timeout_ms == -1)
    return "RebalanceTimeoutMs must be provided in first request.";
  if (!r.topic_partitions || !r.topic_partitions->empty())
    return "TopicPartitions must be empty when (re-)joining.";
  if (!r.subscribed_topic_names && !r.subscribed_topic_regex)
    return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.";
  return nullptr;
}

const char* what_is_wrong(const request_type& r, int16_t version) {
  if (r.group_id.empty())
    return "GroupId can't be empty.";
  if (r.instance_id && r.instance_id->empty())
    return "InstanceId can't be empty.";
  if (r.rack_id && r.rack_id->empty())
    return "RackId can't be empty.";
  // Members of version 0 are given their id when they join.
  if (r.member_id.empty() && (version >= 1 || r.member_epoch != joining_epoch))
    return "MemberId can't be empty.";
  if (r.subscribed_topic_names && bytes_of(*r.subscribed_topic_names) > max_group_bytes)
    return "SubscribedTopicNames are too many.";
  if (r.member_epoch == joining_epoch)
    return missing_when_joining(r);
  if (r.member_epoch == away_epoch && !r.instance_id)
    return "InstanceId can't be null.";
  if (r.member_epoch < away_epoch)
    return "MemberEpoch is invalid.";
  return nullptr;
}

} // namespace

std::optional<error> invalid(const request_type& request, int16_t version) {
  if (const auto* wrong = what_is_wrong(request, version))
    return error{error_code::invalid_request, wrong};
  return std::nullopt;
}

std::optional<error> unsupported(const kafka::consumer_group_heartbeat_request& request,
                                 const consumer_group_settings& settings) {
  const auto& assignor = request.server_assignor;
  const auto& known = settings.assignors;
  if (assignor && std::find(known.begin(), known.end(), *assignor) == known.end())
    return error{error_code::unsupported_assignor,
                 "ServerAssignor " + *assignor + " is not supported by this group coordinator."};
  const auto& pattern = request.subscribed_topic_regex;
  if (!pattern || pattern->empty())
    return std::nullopt;
  if (auto regex = topic_regex::compile(*pattern); !regex)
    return regex.error();
  return std::nullopt;
}

} // namespace chisme::groups
