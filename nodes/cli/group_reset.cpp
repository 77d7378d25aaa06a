#include "messages/kafka/08_offset_commit.hpp"
#include "messages/printable.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/iso_time.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

struct move {
  topic_partition what;
  std::optional<int64_t> from;
  int64_t to = 0;
  bool clipped = false; ///< what was asked for is not in the log: the nearest offset that is
};

/// One of --to-earliest, --to-latest, --to-offset, --to-time, --shift, as a function of a partition.
struct target {
  enum class kind { earliest, latest, offset, time, shift };
  kind how = kind::earliest;
  int64_t value = 0; ///< the offset, the time or by how much
};

options::options_description described(const call& c) {
  auto all = connection_options(c);
  auto add = all.add_options();
  add("topic", options::value<std::vector<std::string>>(),
      "a topic, or TOPIC:PARTITION; repeatable; without it all that the group has committed");
  add("to-earliest", options::bool_switch(), "to the first record that there is");
  add("to-latest", options::bool_switch(), "behind the last record");
  add("to-offset", options::value<int64_t>(), "to this offset");
  add("to-time", options::value<std::string>(), "to the first record of this time or later: 2026-11-23T10:00:00Z");
  add("shift", options::value<int64_t>(), "by so many records: --shift=-100 reads the last hundred again");
  add("execute", options::bool_switch(), "does it; without it the command only shows what it would do");
  return all;
}

result<target> target_of(const parsed& a) {
  std::vector<target> said;
  if (a.flag("to-earliest"))
    said.push_back({target::kind::earliest, 0});
  if (a.flag("to-latest"))
    said.push_back({target::kind::latest, 0});
  if (a.has("to-offset"))
    said.push_back({target::kind::offset, a.values["to-offset"].as<int64_t>()});
  if (a.has("shift"))
    said.push_back({target::kind::shift, a.values["shift"].as<int64_t>()});
  if (a.has("to-time")) {
    auto time = parse_time(a.values["to-time"].as<std::string>());
    if (!time)
      return tl::make_unexpected(time.error());
    said.push_back({target::kind::time, *time});
  }
  if (said.size() != 1)
    return fail(error_code::invalid_request,
                "say where to: exactly one of --to-earliest, --to-latest, --to-offset, --to-time, --shift");
  return said.front();
}

/// However far it is, the sign of the way stays.
int64_t shifted(int64_t from, int64_t by) {
  int64_t to = 0;
  if (!__builtin_add_overflow(from, by, &to))
    return to;
  return by < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

/// The partitions that are meant, with what is known of their topics.
result<std::set<topic_partition>> chosen(cluster& nodes, group_details& g, const std::vector<std::string>& texts) {
  if (texts.empty()) {
    std::set<topic_partition> all;
    for (auto& [tp, offset] : g.committed)
      all.insert(tp);
    return all;
  }
  std::set<std::string> names;
  for (auto& text : texts)
    names.insert(text.substr(0, text.find(':')));
  auto topics = topic_details_of(nodes, {names.begin(), names.end()});
  if (!topics)
    return tl::make_unexpected(topics.error());
  g.topics = std::move(*topics);
  std::set<topic_partition> all;
  for (auto& text : texts) {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    bool found = false;
    for (auto& t : g.topics)
      for (auto& p : t.partitions)
        if (t.name == name &&
            (colon == std::string::npos || text.substr(colon + 1) == std::to_string(p.state.partition_index))) {
          all.insert({name, p.state.partition_index});
          found = true;
        }
    if (!found)
      return fail(error_code::unknown_topic_or_partition, text);
  }
  return all;
}

result<std::vector<move>> plan(cluster& nodes, const group_details& g, const std::set<topic_partition>& partitions,
                               const target& to) {
  std::map<topic_partition, int64_t> at_time;
  if (to.how == target::kind::time) {
    auto found = offsets_at(nodes, g.topics, to.value);
    if (!found)
      return tl::make_unexpected(found.error());
    at_time = std::move(*found);
  }
  std::vector<move> moves;
  for (auto& tp : partitions) {
    auto* p = g.find(tp);
    if (!p || !p->earliest || !p->latest)
      return fail(error_code::leader_not_available,
                  to_string(tp) + ": the ends of the partition are not known" +
                      (p && !p->problem.empty() ? " (" + p->problem + ")" : ""));
    move m{tp, std::nullopt, 0, false};
    if (auto i = g.committed.find(tp); i != g.committed.end())
      m.from = i->second;
    int64_t wanted = 0;
    switch (to.how) {
    case target::kind::earliest:
      wanted = *p->earliest;
      break;
    case target::kind::latest:
      wanted = *p->latest;
      break;
    case target::kind::offset:
      wanted = to.value;
      break;
    case target::kind::shift:
      wanted = shifted(m.from.value_or(*p->earliest), to.value);
      break;
    case target::kind::time: // nothing that young: behind the end
      wanted = at_time.contains(tp) ? at_time.at(tp) : *p->latest;
      break;
    }
    m.to = std::clamp(wanted, *p->earliest, *p->latest);
    m.clipped = m.to != wanted;
    moves.push_back(std::move(m));
  }
  return moves;
}

result<void> commit(kafka_client& coordinator, const std::string& group, const std::vector<move>& moves) {
  kafka::offset_commit_request request;
  request.group_id = group;
  for (auto& m : moves) {
    if (request.topics.empty() || request.topics.back().name != m.what.topic)
      request.topics.emplace_back().name = m.what.topic;
    request.topics.back().partitions.push_back({m.what.partition, m.to, -1, ""});
  }
  auto answer = coordinator.call<kafka::offset_commit_response>(request, offsets_by_name);
  if (!answer)
    return tl::make_unexpected(answer.error());
  for (auto& t : answer->topics)
    for (auto& p : t.partitions)
      if (p.error != error_code::none)
        return fail(p.error, "partition " + std::to_string(p.partition_index) + " of " + t.name);
  return {};
}

std::string names_of(const group_details& g) {
  std::string text;
  for (auto& m : g.members)
    text += (text.empty() ? "" : ", ") + printable(m.instance.value_or(m.id) + " (" + m.client_id + " at " + m.host + ")");
  return text;
}

void show(const call& c, const parsed& arguments, const std::vector<move>& moves, bool done) {
  if (arguments.flag("json")) {
    auto all = json::array();
    for (auto& m : moves)
      all.push_back({{"topic", m.what.topic}, {"partition", m.what.partition},
                     {"from", m.from ? json(*m.from) : json(nullptr)}, {"to", m.to}, {"done", done}});
    c.out() << json_page(all) << "\n";
    return;
  }
  table rows{{"TOPIC", ">PARTITION", ">FROM", ">TO", "NOTE"}};
  for (auto& m : moves)
    rows.add({m.what.topic, std::to_string(m.what.partition), m.from ? std::to_string(*m.from) : "-",
              std::to_string(m.to), m.clipped ? "the nearest offset that there is" : ""});
  rows.print(c.out());
  c.out() << (done ? "done\n" : "nothing was changed: --execute does it\n");
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
  auto arguments = parse(c, described(c), 1, 1);
  if (arguments.ended)
    return *arguments.ended;
  auto to = target_of(arguments);
  if (!to)
    return c.wrong(to.error().message);
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  const auto group = arguments.list("name").front();
  auto told = [&](const error& e) { return c.failed(group + ": " + explain(e.code, e.message)); };
  auto g = existing_or_new(*nodes, group, arguments.has("topic"));
  if (!g)
    return told(g.error());
  if (!g->members.empty())
    return c.failed(group + ": is in use by " + names_of(*g) + "; stop them first, they would commit over it");
  auto partitions = chosen(*nodes, *g, arguments.list("topic"));
  if (!partitions)
    return told(partitions.error());
  if (partitions->empty())
    return c.failed(group + ": has committed nothing; --topic says what to set");
  auto moves = plan(*nodes, *g, *partitions, *to);
  if (!moves)
    return told(moves.error());
  const bool execute = arguments.flag("execute");
  if (execute) {
    auto coordinator = coordinator_of(*nodes, group);
    auto done = coordinator ? commit(**coordinator, group, *moves) : tl::make_unexpected(coordinator.error());
    if (!done)
      return told(done.error());
  }
  show(c, arguments, *moves, execute);
  return outcome::ok;
}

} // namespace chisme::cli
