#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

using topic = kafka::metadata_response::topic;

size_t replicas_of(const topic& t) { return t.partitions.empty() ? 0 : t.partitions.front().replica_nodes.size(); }

void print_json(std::ostream& out, const std::vector<topic>& topics) {
  auto json = nlohmann::json::array();
  for (auto& t : topics)
    json.push_back({{"name", t.name.value_or("")},
                    {"id", to_string(t.topic_id)},
                    {"partitions", t.partitions.size()},
                    {"replication_factor", replicas_of(t)},
                    {"internal", t.is_internal}});
  out << json_page(json) << "\n";
}

void print_table(std::ostream& out, const std::vector<topic>& topics) {
  table rows{{"TOPIC", ">PARTITIONS", ">REPLICAS", "ID"}};
  for (auto& t : topics)
    rows.add({t.name.value_or(""), std::to_string(t.partitions.size()), std::to_string(replicas_of(t)),
              t.topic_id.is_zero() ? "-" : to_string(t.topic_id)});
  rows.print(out);
}

} // namespace

outcome list_topics(const call& c) {
  auto described = connection_options(c);
  described.add_options()("internal", options::bool_switch(), "the cluster's own topics as well");
  return with_cluster(c, described, 0, 0, [&](const parsed& arguments, cluster& nodes) {
    auto answer = nodes.metadata(std::nullopt);
    if (!answer)
      return c.failed(answer.error().message);
    std::vector<topic> topics;
    for (auto& t : answer->topics)
      if (!t.is_internal || arguments.flag("internal"))
        topics.push_back(std::move(t));
    std::ranges::sort(topics, {}, &topic::name);
    arguments.flag("json") ? print_json(c.out(), topics) : print_table(c.out(), topics);
    return outcome::ok;
  });
}

} // namespace chisme::cli
