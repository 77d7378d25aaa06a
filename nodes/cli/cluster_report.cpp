#include "nodes/cli/cluster_report.hpp"

#include "messages/printable.hpp"
#include "nodes/cli/table.hpp"

#include <algorithm>
#include <ostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

std::vector<const partition_picture*> in_trouble(const cluster_picture& picture) {
  std::vector<const partition_picture*> found;
  for (auto& p : picture.partitions)
    if (!trouble_of(p).empty())
      found.push_back(&p);
  return found;
}

std::string list_of(const std::vector<int32_t>& ids) {
  std::string text;
  for (auto id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  return text.empty() ? "-" : text;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }
std::string shown(int32_t node) { return node < 0 ? "-" : std::to_string(node); }

json to_json(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }
json to_json(int32_t node) { return node < 0 ? json(nullptr) : json(node); }

std::string asked_node(const cluster_picture& picture) {
  const auto found = std::ranges::find(picture.nodes, picture.asked, &node_picture::address);
  return picture.asked + (found == picture.nodes.end() ? "" : " (node " + std::to_string(found->id) + ")");
}

void print_nodes(std::ostream& out, const std::vector<node_picture>& nodes) {
  table rows{{">NODE", "ADDRESS", "RACK", ">LEADS", ">REPLICAS", ">OUT OF SYNC", "STATE"}};
  for (auto& n : nodes)
    rows.add({std::to_string(n.id), or_dash(n.address), or_dash(n.rack), std::to_string(n.leads),
              std::to_string(n.replicas), std::to_string(n.out_of_sync),
              to_string(n.state) + (n.problem.empty() ? "" : ": " + n.problem)});
  rows.print(out);
}

void print_partitions(std::ostream& out, const std::vector<const partition_picture*>& partitions) {
  if (partitions.empty())
    return;
  table rows{{"PARTITION", ">LEADER", "REPLICAS", "IN SYNC", "PROBLEM"}};
  const auto count = std::min(partitions.size(), most_partitions);
  for (size_t i = 0; i < count; ++i) {
    const auto& p = *partitions[i];
    rows.add({to_string(p.name), shown(p.leader), list_of(p.replicas), list_of(p.in_sync), trouble_of(p)});
  }
  rows.print(out);
  if (const auto more = partitions.size() - count; more > 0)
    out << "and " << more << " more\n";
}

json to_json(const node_picture& n) {
  return {{"id", n.id},
          {"address", to_json(n.address)},
          {"rack", to_json(n.rack)},
          {"leads", n.leads},
          {"replicas", n.replicas},
          {"out_of_sync", n.out_of_sync},
          {"state", to_string(n.state)},
          {"problem", n.problem},
          {"does_not_list", n.unseen}};
}

json to_json(const partition_picture& p) {
  return {{"topic", p.name.topic},   {"partition", p.name.partition}, {"leader", to_json(p.leader)},
          {"replicas", p.replicas},  {"in_sync", p.in_sync},          {"min_in_sync", p.min_in_sync},
          {"problem", trouble_of(p)}};
}

json counts(const std::vector<partition_picture>& partitions) {
  return {{"all", partitions.size()},
          {"in_sync", std::ranges::count_if(partitions, &partition_picture::is_in_sync)},
          {"led", std::ranges::count_if(partitions, &partition_picture::is_led)},
          {"below_min_in_sync", std::ranges::count_if(partitions, &partition_picture::is_below_min)}};
}

} // namespace

void print(std::ostream& out, const cluster_picture& picture, const cluster_health& health) {
  out << "cluster " << printable(picture.id) << "  controller " << shown(picture.controller) << "  asked "
      << printable(asked_node(picture)) << "\n";
  print_nodes(out, picture.nodes);
  out << printable(health.sentence) << "\n";
  for (auto& what : health.advice)
    out << "  - " << printable(what) << "\n";
  print_partitions(out, in_trouble(picture));
}

json to_json(const cluster_picture& picture, const cluster_health& health) {
  json all{{"id", picture.id},
           {"controller", to_json(picture.controller)},
           {"asked", picture.asked},
           {"health", to_string(health.level)},
           {"sentence", health.sentence},
           {"advice", health.advice},
           {"nodes", json::array()},
           {"partitions", counts(picture.partitions)},
           {"in_trouble", json::array()}};
  for (auto& n : picture.nodes)
    all["nodes"].push_back(to_json(n));
  for (auto* p : in_trouble(picture))
    all["in_trouble"].push_back(to_json(*p));
  return all;
}

} // namespace chisme::cli
