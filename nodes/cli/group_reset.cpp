#include "nodes/cli/group_moves.hpp"
#include "nodes/cli/iso_time.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

options::options_description described(const call& c) {
  auto all = connection_options(c);
  auto add = all.add_options();
  add("topic", options::value<std::vector<std::string>>(),
      "a topic, or TOPIC:PARTITION; repeatable; without it all that the group has committed");
  add("to-earliest", options::bool_switch(), "to the first record that there is");
  add("to-latest", options::bool_switch(), "behind the last record");
  add("to-offset", options::value<int64_t>(), "to this offset");
  add("to-time", options::value<std::string>(),
      "to the first record of this time or later: 2026-11-23T10:00:00Z; without a zone it is UTC");
  add("shift-by", options::value<int64_t>(), "by so many records: --shift-by=-100 reads the last hundred again");
  add("execute", options::bool_switch(), "does it; without it the command only shows what it would do");
  return all;
}

result<reset_target> target_of(const parsed& a) {
  std::vector<reset_target> said;
  if (a.flag("to-earliest"))
    said.push_back({reset_target::kind::earliest, 0});
  if (a.flag("to-latest"))
    said.push_back({reset_target::kind::latest, 0});
  if (a.has("to-offset"))
    said.push_back({reset_target::kind::offset, a.values["to-offset"].as<int64_t>()});
  if (a.has("shift-by"))
    said.push_back({reset_target::kind::shift, a.values["shift-by"].as<int64_t>()});
  if (a.has("to-time")) {
    auto time = parse_time(a.values["to-time"].as<std::string>());
    if (!time)
      return tl::make_unexpected(time.error());
    said.push_back({reset_target::kind::time, *time});
  }
  if (said.size() != 1)
    return fail(error_code::invalid_request,
                "say where to: exactly one of --to-earliest, --to-latest, --to-offset, --to-time, --shift-by");
  return said.front();
}

/// "orders:0, orders:1": as --topic takes them.
std::string list_of(const std::vector<topic_partition>& partitions) {
  std::string text;
  for (auto& tp : partitions)
    text += (text.empty() ? "" : ", ") + tp.topic + ":" + std::to_string(tp.partition);
  return text;
}

json to_json(const offset_move& m, bool executed) {
  const bool failed = m.error != error_code::none;
  return {{"topic", m.what.topic},
          {"partition", m.what.partition},
          {"from", m.from ? json(*m.from) : json(nullptr)},
          {"to", m.to},
          {"clipped", m.clipped},
          {"done", executed && !failed},
          {"error", failed ? json(to_string(m.error)) : json(nullptr)}};
}

std::string note_of(const offset_move& m) {
  if (m.error != error_code::none)
    return "not set: " + to_string(m.error);
  return m.clipped ? "the nearest offset that there is" : "";
}

void show(const call& c, const parsed& arguments, const std::vector<offset_move>& moves, bool executed) {
  if (arguments.flag("json")) {
    auto all = json::array();
    for (auto& m : moves)
      all.push_back(to_json(m, executed));
    c.out() << json_page(all) << "\n";
    return;
  }
  table rows{{"TOPIC", ">PARTITION", ">FROM", ">TO", "NOTE"}};
  for (auto& m : moves)
    rows.add({m.what.topic, std::to_string(m.what.partition), m.from ? std::to_string(*m.from) : "-",
              std::to_string(m.to), note_of(m)});
  rows.print(c.out());
  const auto failed = std::ranges::count_if(moves, [](auto& m) { return m.error != error_code::none; });
  if (!executed)
    c.out() << "nothing was changed: --execute does it\n";
  else if (failed > 0)
    c.out() << failed << " of " << moves.size() << " were not set\n";
  else
    c.out() << "done\n";
}

/// One line for each error, with all partitions that have it, and one for those that were set all the same.
outcome tell_failures(const call& c, const std::string& group, const std::vector<offset_move>& moves) {
  std::map<error_code, std::vector<topic_partition>> by_error;
  for (auto& m : moves)
    by_error[m.error].push_back(m.what);
  auto ended = outcome::ok;
  for (auto& [code, partitions] : by_error)
    if (code != error_code::none)
      ended = c.failed(group + ": " + explain(code, list_of(partitions)));
  if (ended != outcome::ok)
    c.failed(group + ": " +
             (by_error.contains(error_code::none) ? "these were set: " + list_of(by_error[error_code::none])
                                                  : "nothing was set"));
  return ended;
}

outcome in_use(const call& c, const group_details& g) {
  return c.failed(g.name + ": is in use by " + names_of(g) + "; stop them first, they would commit over it");
}

/// Whether somebody joined between the look at the group and the commit.
bool refused_for_members(const std::vector<offset_move>& moves) {
  return std::ranges::all_of(moves, [](auto& m) {
    return m.error == error_code::unknown_member_id || m.error == error_code::rebalance_in_progress ||
           m.error == error_code::illegal_generation;
  });
}

outcome execute(const call& c, const parsed& arguments, cluster& nodes, const std::string& group,
                std::vector<offset_move>& moves) {
  auto coordinator = coordinator_of(nodes, group);
  auto told = coordinator ? commit(**coordinator, group, moves) : tl::make_unexpected(coordinator.error());
  if (!told)
    return c.failed(group + ": " + explain(told.error().code, told.error().message));
  if (refused_for_members(moves))
    if (auto now = group_details_of(nodes, group); now && !now->members.empty())
      return in_use(c, *now);
  show(c, arguments, moves, true);
  return tell_failures(c, group, moves);
}

/// A group that does not exist yet may be given offsets to begin with.
result<group_details> existing_or_new(cluster& nodes, const std::string& group, bool topics_named) {
  auto g = group_details_of(nodes, group);
  if (!g && g.error().code == error_code::group_id_not_found && topics_named) {
    group_details fresh;
    fresh.name = group;
    return fresh;
  }
  return g;
}

} // namespace

outcome reset_group(const call& c) {
  auto arguments = parse_connected(c, described(c), 1, 1);
  if (arguments.ended)
    return *arguments.ended;
  auto to = target_of(arguments);
  if (!to)
    return c.wrong(to.error().message);
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  const auto group = arguments.list("name").front();
  const auto topics = arguments.list("topic");
  auto told = [&](const error& e) { return c.failed(group + ": " + explain(e.code, e.message)); };
  auto g = existing_or_new(*nodes, group, !topics.empty());
  if (!g)
    return told(g.error());
  if (!g->members.empty())
    return in_use(c, *g);
  if (auto added = add_topics(*nodes, *g, topics); !added)
    return told(added.error());
  auto partitions = chosen(*g, topics);
  if (!partitions)
    return c.failed(group + ": " + partitions.error());
  if (partitions->empty())
    return c.failed(group + ": has committed nothing; --topic says what to set");
  auto moves = plan(*nodes, *g, *partitions, *to);
  if (!moves)
    return told(moves.error());
  if (arguments.flag("execute"))
    return execute(c, arguments, *nodes, group, *moves);
  show(c, arguments, *moves, false);
  return outcome::ok;
}

} // namespace chisme::cli
