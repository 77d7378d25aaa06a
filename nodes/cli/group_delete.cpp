#include "messages/kafka/42_delete_groups.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

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
  return {group, answer->results.front().error, "", "deleted"};
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
