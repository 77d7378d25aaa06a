#include "config/describe.hpp"
#include "config/texts.hpp"
#include "nodes/cli/commands.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

/// "--log.level", "chisme.properties:3" or "default".
std::string origin(const node_settings& node, std::string_view name) {
  auto given = node.given.find(name);
  return given == node.given.end() ? "default" : given->second.origin;
}

void print_json(std::ostream& out, const node_settings& node) {
  auto all = nlohmann::json::array();
  for (auto& d : describe_broker(node))
    all.push_back({{"name", d.name},
                   {"value", d.value ? nlohmann::json(*d.value) : nlohmann::json(nullptr)},
                   {"origin", origin(node, d.name)},
                   {"read_only", d.read_only},
                   {"documentation", d.documentation}});
  out << json_page(all) << "\n";
}

void print_table(std::ostream& out, const node_settings& node) {
  table rows{{"OPTION", "VALUE", "FROM"}};
  for (auto& d : describe_broker(node))
    rows.add({std::string{d.name}, d.value.value_or("-"), origin(node, d.name)});
  rows.print(out);
}

} // namespace

outcome config_example(const call& c) {
  if (!c.arguments.empty())
    return c.wrong("takes no arguments");
  c.out() << example_file();
  return outcome::ok;
}

outcome config_describe(const call& c) {
  auto arguments = c.arguments;
  if (std::ranges::any_of(arguments, [](auto& a) { return a == "--help" || a == "-h"; })) {
    c.out() << "chisme config describe [--json] [--config FILE] [--OPTION VALUE]...: " << c.self.summary << "\n";
    return outcome::ok;
  }
  bool json = std::erase(arguments, "--json") > 0;
  auto loaded = load(arguments, c.world.environment, c.world.read_file);
  for (auto& mistake : loaded.mistakes)
    c.wrong(mistake);
  if (!loaded.ok())
    return outcome::usage;
  json ? print_json(c.out(), loaded.settings) : print_table(c.out(), loaded.settings);
  return outcome::ok;
}

} // namespace chisme::cli
