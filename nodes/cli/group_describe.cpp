#include "messages/printable.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/table.hpp"
#include "nodes/cli/topic_commands.hpp"
#include "nodes/cli/watch.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

json to_json(const std::optional<int64_t>& number) { return number ? json(*number) : json(nullptr); }

std::string shown(const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "-"; }

std::optional<int64_t> committed_of(const group_details& g, const topic_partition& tp) {
  auto i = g.committed.find(tp);
  return i == g.committed.end() ? std::nullopt : std::optional{i->second};
}

std::optional<int64_t> end_of(const group_details& g, const topic_partition& tp) {
  auto* p = g.find(tp);
  return p ? p->latest : std::nullopt;
}

/// How far behind the group as a whole is. Partitions of which that is not known are told apart: they are no zeros.
struct total_lag {
  int64_t records = 0;
  size_t known = 0;
  size_t without_commit = 0;
  size_t without_end = 0;

  size_t partitions() const { return known + without_commit + without_end; }
  bool is_complete() const { return known > 0 && known == partitions(); }
};

total_lag total_lag_of(const group_details& g) {
  total_lag total;
  for (auto& tp : g.partitions())
    if (auto lag = g.lag_of(tp)) {
      total.records += *lag;
      ++total.known;
    } else {
      ++(committed_of(g, tp) ? total.without_end : total.without_commit);
    }
  return total;
}

/// "17", "-", or "0 in 1 of 3 partitions, 2 without a commit".
std::string shown(const total_lag& total) {
  if (total.known == 0)
    return "-";
  auto text = std::to_string(total.records);
  if (total.is_complete())
    return text;
  text += " in " + std::to_string(total.known) + " of " + std::to_string(total.partitions()) + " partitions";
  if (total.without_commit > 0)
    text += ", " + std::to_string(total.without_commit) + " without a commit";
  if (total.without_end > 0)
    text += ", " + std::to_string(total.without_end) + " without a known end";
  return text;
}

json to_json(const group_details& g) {
  const auto lag = total_lag_of(g);
  json all{{"name", g.name},
           {"type", g.type},
           {"state", g.state},
           {"assignor", g.assignor},
           {"coordinator", g.coordinator},
           {"lag", lag.is_complete() ? json(lag.records) : json(nullptr)},
           {"members", json::array()},
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
  // A member of a classic group chooses the assignor's name.
  out << "group " << printable(g.name) << "  type " << g.type << "  state " << printable(g.state) << "  members "
      << g.members.size() << "  lag " << shown(total_lag_of(g))
      << (g.assignor.empty() ? "" : "  assignor " + printable(g.assignor)) << "  coordinator " << g.coordinator << "\n";
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
      out << "member " << printable(m.instance.value_or(m.id) + " (" + m.client_id + ", " + m.host + ")")
          << " has no partition\n";
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
  return ended;
}

bool is_number(const std::string& text) {
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

/// Program_options would take a name that follows --watch for the seconds, so the default becomes explicit. Fails for a
/// number that follows: whoever types that means seconds, and would watch a group of that name.
result<void> settle_watch(std::vector<std::string>& arguments) {
  const auto end = std::ranges::find(arguments, "--");
  for (auto i = arguments.begin(); i != end; ++i) {
    if (*i != "--watch")
      continue;
    *i = "--watch=2";
    if (auto next = i + 1; next != end && is_number(*next))
      return fail(error_code::invalid_request, "behind --watch \"" + *next + "\" is a group: --watch=" + *next +
                                                 " says the seconds; a group of that name goes before --watch");
  }
  return {};
}

} // namespace

outcome describe_groups(const call& as_typed) {
  call c{as_typed.self, as_typed.arguments, as_typed.world};
  if (auto settled = settle_watch(c.arguments); !settled)
    return c.wrong(settled.error().message);
  auto described = connection_options(c);
  add_watch_options(described);
  const auto arguments = parse_connected(c, described, 1, 1'000);
  if (arguments.ended)
    return *arguments.ended;
  const auto times = repetition_of(arguments);
  if (!times)
    return c.wrong(times.error().message);
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  return repeat(c, *times, [&] { return describe_once(c, arguments, *nodes); });
}

} // namespace chisme::cli
