#include "messages/printable.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"
#include "nodes/cli/topic_details.hpp"

#include <iostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

std::string list_of(const std::vector<int32_t>& ids) {
  std::string text;
  for (auto id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

std::string shown(const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "-"; }

json to_json(const std::optional<int64_t>& number) { return number ? json(*number) : json(nullptr); }

json to_json(const partition_details& p) {
  return {{"partition", p.state.partition_index}, {"leader", p.state.leader_id}, {"epoch", p.state.leader_epoch},
          {"replicas", p.state.replica_nodes},    {"isr", p.state.isr_nodes},    {"earliest", to_json(p.earliest)},
          {"latest", to_json(p.latest)},          {"bytes", to_json(p.bytes)},   {"problem", p.problem}};
}

json to_json(const topic_details& t) {
  json described{{"name", t.name},
                 {"id", to_string(t.id)},
                 {"internal", t.internal},
                 {"error", to_string(t.error)},
                 {"partitions", json::array()},
                 {"configs", json::object()}};
  for (auto& p : t.partitions)
    described["partitions"].push_back(to_json(p));
  for (auto& config : t.configs)
    described["configs"][config.name] = config.value ? json(*config.value) : json(nullptr);
  return described;
}

void print_json(std::ostream& out, const std::vector<topic_details>& topics) {
  auto all = json::array();
  for (auto& t : topics)
    all.push_back(to_json(t));
  out << json_page(all) << "\n";
}

void print(std::ostream& out, const topic_details& t) {
  out << "topic " << printable(t.name) << "  id " << to_string(t.id) << "  partitions " << t.partitions.size() << "\n";
  for (auto& config : t.configs)
    out << "config " << printable(config.name + "=" + config.value.value_or("(hidden)")) << "\n";
  table rows{{">PARTITION", ">LEADER", ">EPOCH", "REPLICAS", "ISR", ">EARLIEST", ">LATEST", ">SIZE", "PROBLEM"}};
  for (auto& p : t.partitions)
    rows.add({std::to_string(p.state.partition_index), std::to_string(p.state.leader_id),
              std::to_string(p.state.leader_epoch), list_of(p.state.replica_nodes), list_of(p.state.isr_nodes),
              shown(p.earliest), shown(p.latest), p.bytes ? human_bytes(*p.bytes) : "-", p.problem});
  rows.print(out);
}

} // namespace

outcome describe_topics(const call& c) {
  return with_cluster(c, connection_options(c), 0, 10'000, [&](const parsed& arguments, cluster& nodes) {
    auto topics = topic_details_of(nodes, arguments.list("name"));
    if (!topics)
      return c.failed(topics.error().message);
    if (arguments.flag("json"))
      print_json(c.out(), *topics);
    auto ended = outcome::ok;
    for (auto& t : *topics)
      if (t.error != error_code::none)
        ended = c.failed(t.name + ": " + explain(t.error, ""));
      else if (!arguments.flag("json"))
        print(c.out(), t);
    return ended;
  });
}

} // namespace chisme::cli
