#include "config/load.hpp"

#include "config/group_config.hpp"
#include "config/options.hpp"

#include <algorithm>

namespace chisme {

namespace {

option_target all_of(node_settings& settings) {
  return {&settings, &settings.topic_defaults, &settings.group_defaults};
}

/// "c.properties:3: node.id: ": where a mistake is, and in which option.
std::string place(const std::string& origin, std::string_view name) {
  return origin + ": " + (origin.ends_with(name) ? "" : std::string{name} + ": ");
}

/// Takes over the assignments of one source, above those before it. A bad one is a mistake and changes
/// nothing.
void take(load_result& loaded, const assignments& source) {
  loaded.mistakes.insert(loaded.mistakes.end(), source.mistakes.begin(), source.mistakes.end());
  for (auto& a : source.list) {
    auto o = node_options().find(a.name);
    if (!o) {
      loaded.mistakes.push_back(a.origin + ": unknown option " + a.name + node_options().suggest(a.name));
      continue;
    }
    node_settings scratch;
    auto value = parse_value(*o, a.text);
    auto stored = value && o->store ? o->store(all_of(scratch), *value) : result<void>{};
    if (!value)
      stored = tl::make_unexpected(value.error());
    if (stored)
      loaded.settings.given.insert_or_assign(a.name, given_value{a.text, a.origin});
    else
      loaded.mistakes.push_back(place(a.origin, a.name) + stored.error().message);
  }
}

const given_value* value_of(const node_settings& settings, std::string_view name) {
  for (auto values : {&settings.dynamic, &settings.given})
    if (auto found = values->find(name); found != values->end())
      return &found->second;
  return nullptr;
}

/// Stores defaults and what was given, in the table's order, so that finer units win over coarser ones. All
/// values were checked before.
void fill(node_settings& settings) {
  for (auto& o : node_options()) {
    auto given = value_of(settings, o.name);
    if (!o.store || (!given && !o.fallback))
      continue;
    auto value = parse_value(o, given ? std::string_view{given->text} : *o.fallback);
    if (value)
      static_cast<void>(o.store(all_of(settings), *value));
  }
}

std::string origin_of(const node_settings& settings, std::string_view name) {
  auto given = value_of(settings, name);
  return given ? given->origin : std::string{name};
}

/// The one that somebody set is the one to complain about.
void check_order(load_result& loaded, const order& o) {
  if (o.holds())
    return;
  auto& s = loaded.settings;
  bool about_low = value_of(s, o.low.name) || !value_of(s, o.high.name);
  auto name = about_low ? o.low.name : o.high.name;
  loaded.mistakes.push_back(place(origin_of(s, name), name) +
                            (about_low ? o.complaint_about_low() : o.complaint_about_high()));
}

void check_peers(load_result& loaded) {
  const auto& s = loaded.settings;
  for (const auto* name : {"advertised.peer.listener", "seeds", "expect"})
    if (s.peer_listeners.empty() && value_of(s, name) && (name != std::string_view{"expect"} || s.expect > 0))
      loaded.mistakes.push_back(origin_of(s, name) +
                                ": has no effect without peer.listeners, where other nodes connect");
  if (!s.peer_listeners.empty() && s.seeds.empty())
    loaded.mistakes.push_back(origin_of(s, "peer.listeners") +
                              ": needs seeds, where other nodes may be; the first node of all may name itself");
  if (s.expect > 0 && !s.cluster_id.empty())
    loaded.mistakes.push_back(origin_of(s, "cluster.id") + ": nodes that form a cluster (expect) make up its id: leave "
                                                           "it out, or give it to those that join later");
}

/// What only several options together can tell.
void check_together(load_result& loaded) {
  auto& s = loaded.settings;
  for (auto i = s.listeners.begin(); i != s.listeners.end(); ++i)
    for (auto j = s.listeners.begin(); j != i; ++j)
      if (i->listener == j->listener)
        loaded.mistakes.push_back(origin_of(s, "listeners") + ": " + i->listener + " is named twice, one address each");
  for (auto& a : s.advertised_listeners)
    if (std::ranges::none_of(s.listeners, [&](auto& l) { return l.listener == a.listener; }))
      loaded.mistakes.push_back(origin_of(s, "advertised.listeners") + ": " + a.listener + " is not among listeners");
  check_peers(loaded);
  auto& t = s.topic_defaults;
  check_order(loaded, {{"log.cleaner.min.compaction.lag.ms", t.min_compaction_lag_ms},
                       {"log.cleaner.max.compaction.lag.ms", t.max_compaction_lag_ms}});
  for (auto& o : group_timing_orders(s, s.group_defaults, "group.consumer.session.timeout.ms",
                                     "group.consumer.heartbeat.interval.ms"))
    check_order(loaded, o);
  if (s.max_request_bytes < t.max_message_bytes)
    loaded.mistakes.push_back(origin_of(s, "message.max.bytes") + ": is above socket.request.max.bytes, " +
                              std::to_string(s.max_request_bytes) + ", so that no such batch could arrive");
}

/// The path that --config names, the last one where there are several; removed from `flags`.
std::string take_config_path(assignments& flags, const std::map<std::string, std::string>& environment) {
  std::string path;
  if (auto variable = environment.find("CHISME_CONFIG"); variable != environment.end())
    path = variable->second;
  for (auto& a : flags.list)
    if (a.name == "config")
      path = a.text;
  std::erase_if(flags.list, [](auto& a) { return a.name == "config"; });
  return path;
}

} // namespace

load_result load(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                 const file_reader& read_file) {
  load_result loaded;
  auto flags = read_flags(arguments);
  if (auto path = take_config_path(flags, environment); !path.empty()) {
    if (auto content = read_file(path))
      take(loaded, read_properties(*content, path));
    else
      loaded.mistakes.push_back(content.error().message);
  }
  take(loaded, read_environment(environment));
  take(loaded, flags);
  fill(loaded.settings);
  if (loaded.ok())
    check_together(loaded);
  return loaded;
}

result<node_settings> with_dynamic(const node_settings& base, const std::map<std::string, std::string>& dynamic) {
  assignments source;
  for (auto& [name, text] : dynamic) {
    auto o = node_options().find(name);
    if (o && o->scope != option_scope::node_dynamic)
      return fail(error_code::invalid_config,
                  name + " cannot change while the node runs: set it where the node starts");
    source.list.push_back({name, text, name});
  }
  load_result loaded;
  take(loaded, source);
  loaded.settings.dynamic = std::move(loaded.settings.given);
  loaded.settings.given = base.given;
  fill(loaded.settings);
  if (loaded.ok())
    check_together(loaded);
  if (!loaded.ok())
    return fail(error_code::invalid_config, loaded.mistakes.front());
  return std::move(loaded.settings);
}

} // namespace chisme
