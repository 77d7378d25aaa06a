#include "messages/kafka/42_delete_groups.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

topic_change delete_one(cluster& nodes, const std::string& group, bool if_exists) {
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
  if (code == error_code::group_id_not_found && if_exists)
    return {group, error_code::none, "", "does not exist"};
  return {group, code, "", "deleted"};
}

} // namespace

outcome delete_groups(const call& c) {
  auto described = connection_options(c);
  described.add_options()("if-exists", options::bool_switch(), "a group that does not exist is no failure");
  auto arguments = parse(c, described, 1, 10'000);
  if (arguments.ended)
    return *arguments.ended;
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  std::vector<topic_change> changes;
  for (auto& name : arguments.list("name"))
    changes.push_back(delete_one(*nodes, name, arguments.flag("if-exists")));
  return report(c, arguments, changes, "group");
}

} // namespace chisme::cli
