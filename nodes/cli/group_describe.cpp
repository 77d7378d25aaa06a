#include "messages/printable.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

json to_json(const std::optional<int64_t>& number) {
  return number ? json(*number) : json(nullptr);
}

std::string shown(const std::optional<int64_t>& number) {
  return number ? std::to_string(*number) : "-";
}

std::optional<int64_t> committed_of(const group_details& g, const topic_partition& tp) {
  auto i = g.committed.find(tp);
  return i == g.committed.end() ? std::nullopt : std::optional{i->second};
}

std::optional<int64_t> end_of(const group_details& g, const topic_partition& tp) {
  auto* p = g.find(tp);
  return p ? p->latest : std::nullopt;
}

json to_json(const group_details& g) {
  json all{{"name", g.name},         {"type", g.type},
           {"state", g.state},       {"assignor", g.assignor},
           {"coordinator", g.coordinator}, {"members", json::array()},
           {"partitions", json::array()}};
  for (auto& m : g.members)
    all["members"].push_back({{"id", m.id},
                              {"instance", m.instance ? json(*m.instance) : json(nullptr)},
                              {"client", m.client_id},
                              {"host", m.host},
                              {"partitions", m.partitions.size()}});
  for (auto& tp : g.partitions()) {
    auto* owner = g.owner_of(tp);
    all["partitions"].push_back({{"topic", tp.topic},
                                 {"partition", tp.partition},
                                 {"committed", to_json(committed_of(g, tp))},
                                 {"end", to_json(end_of(g, tp))},
                                 {"lag", to_json(g.lag_of(tp))},
                                 {"member", owner ? json(owner->id) : json(nullptr)}});
  }
  return all;
}

void print(std::ostream& out, const group_details& g) {
  int64_t lag = 0;
  for (auto& tp : g.partitions())
    lag += g.lag_of(tp).value_or(0);
  out << "group " << printable(g.name) << "  type " << g.type << "  state " << g.state << "  members " << g.members.size()
      << "  lag " << lag << (g.assignor.empty() ? "" : "  assignor " + g.assignor) << "  coordinator "
      << g.coordinator << "\n";
  table rows{{"TOPIC", ">PARTITION", ">COMMITTED", ">END", ">LAG", "MEMBER", "CLIENT", "HOST"}};
  for (auto& tp : g.partitions()) {
    auto* owner = g.owner_of(tp);
    rows.add({tp.topic, std::to_string(tp.partition), shown(committed_of(g, tp)), shown(end_of(g, tp)),
              shown(g.lag_of(tp)), owner ? owner->instance.value_or(owner->id) : "-", owner ? owner->client_id : "-",
              owner ? owner->host : "-"});
  }
  rows.print(out);
  for (auto& m : g.members)
    if (m.partitions.empty())
      out << "member " << printable(m.instance.value_or(m.id) + " (" + m.client_id + ", " + m.host) << ") has no partition\n";
}

outcome describe_once(const call& c, const parsed& arguments, cluster& nodes) {
  auto ended = outcome::ok;
  auto all = json::array();
  for (auto& name : arguments.list("name")) {
    auto g = group_details_of(nodes, name);
    if (!g)
      ended = c.failed(name + ": " + explain(g.error().code, g.error().message));
    else if (arguments.flag("json"))
      all.push_back(to_json(*g));
    else
      print(c.out(), *g);
  }
  if (arguments.flag("json"))
    c.out() << json_page(all) << "\n";
  c.out().flush();
  return ended;
}

} // namespace

outcome describe_groups(const call& as_typed) {
  // Program_options would take a name that follows for the seconds.
  call c{as_typed.self, as_typed.arguments, as_typed.world};
  std::ranges::replace(c.arguments, "--watch", "--watch=2");
  auto described = connection_options(c);
  auto add = described.add_options();
  add("watch", options::value<double>()->implicit_value(2), "shows it again every so many seconds");
  add("count", options::value<int>()->default_value(0, "for ever"), "how often --watch shows it");
  return with_cluster(c, described, 1, 1'000, [&](const parsed& arguments, cluster& nodes) {
    const bool watches = arguments.has("watch");
    const auto seconds = watches ? arguments.values["watch"].as<double>() : 1;
    const auto count = arguments.values["count"].as<int>();
    if (!(seconds >= 0.1 && seconds <= 86'400))
      return c.wrong("--watch takes 0.1 to 86400 seconds");
    if (count < 0 || (!watches && count > 0))
      return c.wrong("--count says how often --watch shows it: 1 or more");
    auto ended = describe_once(c, arguments, nodes);
    if (!watches)
      return ended;
    const std::chrono::duration<double> pause{seconds};
    for (int shown_times = 1; count == 0 || shown_times < count; ++shown_times) {
      std::this_thread::sleep_for(pause);
      c.out() << "\n";
      ended = describe_once(c, arguments, nodes);
    }
    return ended;
  });
}

} // namespace chisme::cli
