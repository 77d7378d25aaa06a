// What others ask about a consumer group; nothing here changes it.
#include "actors/groups/consumer_group.hpp"

namespace chisme::groups {

namespace {

using response_type = kafka::consumer_group_describe_response;

constexpr int8_t classic_member_type = 0;
constexpr int8_t consumer_member_type = 1;

/// Topics that are no more have no name to be shown by, and are left out.
response_type::member_assignment with_names(const partition_set& set, const topic_catalog& catalog) {
  response_type::member_assignment out;
  for (auto& topic : by_topic<response_type::assigned_topic>(set))
    if (const auto* info = catalog.find(topic.topic_id)) {
      topic.topic_name = info->name;
      out.topic_partitions.push_back(std::move(topic));
    }
  return out;
}

/// A classic member's epoch is its generation: another one has another error.
error_code compare_epochs(const consumer_member& member, int32_t epoch) {
  if (epoch == member.current.epoch)
    return error_code::none;
  return member.is_classic() ? error_code::illegal_generation : error_code::stale_member_epoch;
}

} // namespace

std::string_view to_string(consumer_group_status status) {
  switch (status) {
    case consumer_group_status::empty:
      return "Empty";
    case consumer_group_status::assigning:
      return "Assigning";
    case consumer_group_status::reconciling:
      return "Reconciling";
    case consumer_group_status::stable:
      return "Stable";
    case consumer_group_status::dead:
      break;
  }
  return "Dead";
}

consumer_group_status consumer_group::status() const {
  if (!exists())
    return consumer_group_status::dead;
  if (empty())
    return consumer_group_status::empty;
  if (state_.epoch() > state_.target_epoch())
    return consumer_group_status::assigning;
  const auto reached = [this](const auto& entry) {
    const auto& current = entry.second.current;
    return current.state == member_state::stable && current.epoch == state_.target_epoch();
  };
  const auto& members = state_.members();
  return std::all_of(members.begin(), members.end(), reached) ? consumer_group_status::stable
                                                              : consumer_group_status::reconciling;
}

response_type::described_group consumer_group::describe(const topic_catalog& catalog) const {
  response_type::described_group out;
  out.group_id = state_.id();
  out.group_state = to_string(status());
  out.group_epoch = state_.epoch();
  out.assignment_epoch = state_.target_epoch();
  out.assignor_name = assignor_name();
  for (const auto& [name, m] : state_.members()) {
    response_type::member shown;
    shown.member_id = name;
    shown.instance_id = m.metadata.instance_id;
    shown.rack_id = m.metadata.rack_id;
    shown.member_epoch = m.current.epoch;
    shown.client_id = m.metadata.client_id;
    shown.client_host = m.metadata.client_host;
    shown.subscribed_topic_names = m.metadata.subscribed_topic_names;
    shown.subscribed_topic_regex = m.metadata.subscribed_topic_regex;
    shown.assignment = with_names(m.current.assigned, catalog);
    shown.target_assignment = with_names(m.target, catalog);
    shown.member_type = m.is_classic() ? classic_member_type : consumer_member_type;
    out.members.push_back(std::move(shown));
  }
  return out;
}

error_code consumer_group::check_commit(std::string_view member, int32_t epoch, int16_t version) const {
  // Below 0: an administrator, or a consumer that only keeps offsets here. Not while others consume.
  if (epoch < 0 && empty())
    return error_code::none;
  const auto* found = state_.find(member);
  if (!found)
    return error_code::unknown_member_id;
  if (!found->is_classic() && version < 9)
    return error_code::unsupported_version;
  return compare_epochs(*found, epoch);
}

error_code consumer_group::check_fetch(const std::optional<std::string>& member, int32_t epoch) const {
  if (!member && epoch < 0)
    return error_code::none;
  const auto* found = member ? state_.find(*member) : nullptr;
  // Some clients name themselves in a classic group too, where there is no epoch to name. Kafka refuses these.
  if (found && found->is_classic() && epoch < 0)
    return error_code::none;
  return found ? compare_epochs(*found, epoch) : error_code::unknown_member_id;
}

} // namespace chisme::groups
