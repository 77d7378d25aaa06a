// A consumer group's state as records: those that make it, and those that remove it.
#include "actors/groups/consumer_group_state.hpp"

namespace chisme::groups {

namespace {

current_member_assignment_value to_value(const current_assignment& c) {
  return {c.epoch, c.previous_epoch, static_cast<int8_t>(c.state), by_topic(c.assigned), by_topic(c.revoking)};
}

} // namespace

current_assignment_record current_record(const std::string& group, const std::string& member,
                                         const current_assignment& current) {
  return {group, member, to_value(current)};
}

std::vector<consumer_group_record> consumer_group_state::records() const {
  std::vector<consumer_group_record> out;
  for (const auto& [name, member] : members_)
    out.emplace_back(member_metadata_record{id_, name, member.metadata});
  for (const auto& [pattern, regex] : regexes_)
    if (regex.resolved)
      out.emplace_back(regular_expression_record{id_, pattern, regex.resolved});
  if (metadata_)
    out.emplace_back(group_metadata_record{id_, metadata_});
  for (const auto& [name, member] : members_)
    out.emplace_back(target_assignment_record{id_, name, target_assignment_member_value{by_topic(member.target)}});
  if (target_epoch_ != 0)
    out.emplace_back(target_epoch_record{id_, target_assignment_metadata_value{target_epoch_}});
  for (const auto& [name, member] : members_)
    out.emplace_back(current_record(id_, name, member.current));
  return out;
}

std::vector<consumer_group_record> consumer_group_state::tombstones() const {
  std::vector<consumer_group_record> out;
  for (const auto& [name, member] : members_) {
    out.emplace_back(current_assignment_record{id_, name, std::nullopt});
    out.emplace_back(target_assignment_record{id_, name, std::nullopt});
    out.emplace_back(member_metadata_record{id_, name, std::nullopt});
  }
  for (const auto& [pattern, regex] : regexes_)
    if (regex.resolved)
      out.emplace_back(regular_expression_record{id_, pattern, std::nullopt});
  if (has_partition_metadata_)
    out.emplace_back(partition_metadata_record{id_, std::nullopt});
  if (target_epoch_ != 0)
    out.emplace_back(target_epoch_record{id_, std::nullopt});
  if (metadata_)
    out.emplace_back(group_metadata_record{id_, std::nullopt});
  return out;
}

} // namespace chisme::groups
