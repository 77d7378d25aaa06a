#include "messages/kafka/42_delete_groups.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

/// Who keeps the group from being deleted; nothing where they have gone meanwhile or cannot be told.
std::string users_of(cluster& nodes, const std::string& group) {
  const auto g = group_details_of(nodes, group);
  return g && !g->members.empty() ? "is in use by " + names_of(*g) : "";
}

topic_change delete_one(cluster& nodes, const std::string& group) {
  auto coordinator = coordinator_of(nodes, group);
  if (!coordinator)
    return {group, coordinator.error().code, coordinator.error().message, ""};
  kafka::delete_groups_request request;
  request.groups_names = {group};
  auto answer = (*coordinator)->call<kafka::delete_groups_response>(request);
  if (!answer)
    return {group, answer.error().code, answer.error().message, ""};
  if (answer->results.empty())
    return {group, error_code::unknown_server_error, "the node's answer names no group", ""};
  const auto code = answer->results.front().error;
  return {group, code, code == error_code::non_empty_group ? users_of(nodes, group) : "", "deleted"};
}

} // namespace

outcome delete_groups(const call& c) {
  return delete_named(c, "group", error_code::group_id_not_found, [](cluster& nodes, const auto& names) {
    std::vector<topic_change> changes;
    for (auto& name : names)
      changes.push_back(delete_one(nodes, name));
    return result<std::vector<topic_change>>{std::move(changes)};
  });
}

} // namespace chisme::cli
