#include "messages/kafka/16_list_groups.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

using listed = kafka::list_groups_response::listed_group;

/// Each node lists the groups that it coordinates.
result<std::vector<listed>> all_groups(cluster& nodes) {
  auto known = nodes.metadata(std::vector<std::string>{});
  if (!known)
    return tl::make_unexpected(known.error());
  std::vector<listed> groups;
  for (auto& b : known->brokers) {
    auto node = nodes.node(b.node_id);
    if (!node)
      return tl::make_unexpected(node.error());
    auto answer = (*node)->call<kafka::list_groups_response>(kafka::list_groups_request{});
    if (!answer)
      return tl::make_unexpected(answer.error());
    if (answer->error != error_code::none)
      return fail(answer->error, "node " + std::to_string(b.node_id) + " cannot list its groups yet");
    std::ranges::move(answer->groups, std::back_inserter(groups));
  }
  std::ranges::sort(groups, {}, &listed::group_id);
  return groups;
}

} // namespace

outcome list_groups(const call& c) {
  return with_cluster(c, connection_options(c), 0, 0, [&](const parsed& arguments, cluster& nodes) {
    auto groups = patiently(nodes, [&] { return all_groups(nodes); });
    if (!groups)
      return c.failed(explain(groups.error().code, groups.error().message));
    if (arguments.flag("json")) {
      auto json = nlohmann::json::array();
      for (auto& g : *groups)
        json.push_back(
          {{"name", g.group_id}, {"type", g.group_type}, {"state", g.group_state}, {"protocol_type", g.protocol_type}});
      c.out() << json_page(json) << "\n";
      return outcome::ok;
    }
    table rows{{"GROUP", "TYPE", "STATE", "PROTOCOL"}};
    for (auto& g : *groups)
      rows.add({g.group_id, g.group_type, g.group_state, g.protocol_type.empty() ? "-" : g.protocol_type});
    rows.print(c.out());
    return outcome::ok;
  });
}

} // namespace chisme::cli
