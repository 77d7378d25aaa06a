// AlterConfigs (replaces all) and IncrementalAlterConfigs (changes single ones).

#include "actors/coordinator/operations.hpp"
#include "actors/coordinator/repeated.hpp"
#include "config/group_config.hpp"
#include "config/load.hpp"
#include "config/options.hpp"
#include "config/topic_config.hpp"
#include "messages/kafka/config_resource.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace chisme::coordinator {

namespace {

/// A change to the configs of one resource: from the map as it is to the map as it shall be.
using config_change = std::function<result<config_map>(const config_map&)>;

/// Applies changes of one request; later resources see what earlier ones did.
class config_operation {
public:
  config_operation(const cluster_state& state, const decision_context& around)
    : state_(state), around_(around), node_configs_(state.node_configs()) {}

  result<void> alter(int8_t type, const std::string& name, const config_change& change) {
    using resource = kafka::config_resource;
    switch (resource{type}) {
      case resource::topic:
        return alter_topic(name, change);
      case resource::broker:
        return alter_nodes(name, change);
      case resource::group:
        return alter_group(name, change);
      default:
        return fail(error_code::invalid_request,
                    "configs of resource type " + std::to_string(type) + " cannot be changed here");
    }
  }

  std::vector<cluster_record> records() && { return std::move(records_); }

private:
  result<void> alter_topic(const std::string& name, const config_change& change) {
    auto topic = state_.find(name);
    if (!topic)
      return fail(error_code::unknown_topic_or_partition, "This server does not host this topic.");
    auto configs = change(topic->configs);
    if (!configs)
      return tl::make_unexpected(configs.error());
    for (const auto& [key, value] : *configs) {
      if (auto problem = validate_topic_config(key, value))
        return fail(error_code::invalid_config, *problem);
    }
    if (auto whole = effective_topic_settings(around_.settings.topic_defaults, *configs); !whole)
      return tl::make_unexpected(whole.error());
    auto next = *topic;
    next.configs = std::move(*configs);
    records_.push_back(topic_record{next.id, std::move(next)});
    return {};
  }

  /// The group need not exist: it may be set up before its first member comes.
  result<void> alter_group(const std::string& name, const config_change& change) {
    if (name.empty())
      return fail(error_code::invalid_request, "a group has a name: there are no configs for all groups, but the "
                                               "nodes' own defaults");
    auto configs = change(state_.configs_of_group(name));
    if (!configs)
      return tl::make_unexpected(configs.error());
    if (auto whole = effective_group_timing(around_.settings, *configs); !whole)
      return tl::make_unexpected(whole.error());
    records_.push_back(group_configs_record{name, std::move(*configs)});
    return {};
  }

  result<void> alter_nodes(const std::string& name, const config_change& change) {
    int32_t id = 0;
    if (!name.empty()) {
      auto [end, e] = std::from_chars(name.data(), name.data() + name.size(), id);
      if (e != std::errc{} || end != name.data() + name.size() ||
          !std::binary_search(around_.nodes.begin(), around_.nodes.end(), id))
        return fail(error_code::invalid_request, "there is no node '" + name + "'");
    }
    auto configs = change(node_configs_);
    if (!configs)
      return tl::make_unexpected(configs.error());
    auto base = around_.settings;
    base.dynamic.clear();
    if (auto whole = with_dynamic(base, *configs); !whole)
      return tl::make_unexpected(whole.error());
    node_configs_ = std::move(*configs);
    records_.push_back(node_configs_record{node_configs_});
    return {};
  }

  const cluster_state& state_;
  const decision_context& around_;
  config_map node_configs_; // one map for all nodes, which a request can name in several ways
  std::vector<cluster_record> records_;
};

enum config_op : int8_t { set_op = 0, delete_op = 1, append_op = 2, subtract_op = 3 };

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    auto comma = text.find(',');
    auto word = text.substr(0, comma);
    while (word.starts_with(' '))
      word.remove_prefix(1);
    while (word.ends_with(' '))
      word.remove_suffix(1);
    if (!word.empty())
      words.emplace_back(word);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return words;
}

std::string join_list(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words)
    out += (out.empty() ? "" : ",") + w;
  return out;
}

bool is_list(std::string_view name) {
  return std::ranges::any_of(std::array{topic_options(), node_options(), group_options()}, [&](const auto& table) {
    const auto* o = table.find(name);
    return o && o->type == option_type::list;
  });
}

/// APPEND and SUBTRACT: lists only. What is there already keeps its place.
result<std::string> changed_list(int8_t op, const std::string& name, const std::string& now,
                                 const std::string& change) {
  if (!is_list(name))
    return fail(error_code::invalid_config, name + " is not a list: it can be set or deleted only");
  // A value may have as many words as a request has bytes: no word is looked for among all others.
  const auto said = split_list(change);
  auto words = split_list(now);
  if (op == subtract_op) {
    const std::set<std::string_view> gone{said.begin(), said.end()};
    std::erase_if(words, [&](const std::string& w) { return gone.contains(w); });
  } else {
    std::set<std::string> there{words.begin(), words.end()};
    for (const auto& w : said)
      if (there.insert(w).second)
        words.push_back(w);
  }
  return join_list(words);
}

/// What a list begins with that was not set. Others than these two begin empty.
std::string default_of(const decision_context& around, const std::string& name) {
  if (name != "cleanup.policy" && name != "log.cleanup.policy")
    return {};
  const auto& d = around.settings.topic_defaults;
  std::vector<std::string> words;
  if (d.cleanup_compact)
    words.emplace_back("compact");
  if (d.cleanup_delete)
    words.emplace_back("delete");
  return join_list(words);
}

result<config_map> changed(const decision_context& around, config_map configs,
                           const std::vector<kafka::incremental_alter_configs_request::alterable_config>& changes) {
  for (const auto& c : changes) {
    if (c.config_operation == delete_op) {
      configs.erase(c.name);
      continue;
    }
    if (c.config_operation == set_op) {
      configs[c.name] = *c.value;
      continue;
    }
    if (c.config_operation != append_op && c.config_operation != subtract_op)
      return fail(error_code::invalid_request, "unknown operation " + std::to_string(c.config_operation));
    auto i = configs.find(c.name);
    auto list =
      changed_list(c.config_operation, c.name, i == configs.end() ? default_of(around, c.name) : i->second, *c.value);
    if (!list)
      return tl::make_unexpected(list.error());
    configs[c.name] = *list;
  }
  return configs;
}

result<config_map> replaced(const std::vector<kafka::alter_configs_request::alterable_config>& configs) {
  config_map next;
  for (const auto& c : configs)
    next[c.name] = *c.value;
  return next;
}

bool lacks_value(const kafka::alter_configs_request::alterable_config& c) { return !c.value; }

bool lacks_value(const kafka::incremental_alter_configs_request::alterable_config& c) {
  return !c.value && c.config_operation != delete_op;
}

/// What is wrong with what a request says of a resource, whatever there is of it (Kafka's
/// ConfigAdminManager.preprocess).
template <class Configs>
result<void> well_formed(const Configs& configs) {
  if (const auto twice = repeated(configs, [](const auto& c) { return c.name; }); !twice.empty())
    return fail(error_code::invalid_request, *twice.begin() + ": named more than once for this resource");
  if (const auto i = std::ranges::find_if(configs, [](const auto& c) { return lacks_value(c); }); i != configs.end())
    return fail(error_code::invalid_request, i->name + ": a config needs a value");
  return {};
}

/// Both requests: `change_of(resource)` says what a resource wants.
template <class Response, class Request, class ChangeOf>
decision alter_all(const cluster_state& state, const decision_context& around, const Request& r, ChangeOf change_of) {
  config_operation operation{state, around};
  const auto id_of = [](const auto& x) { return std::pair{x.resource_type, x.resource_name}; };
  const auto twice = repeated(r.resources, id_of);
  const auto alter = [&](const auto& x) -> result<void> {
    if (twice.contains(id_of(x)))
      return fail(error_code::invalid_request, "the resource is named more than once in this request");
    if (auto ok = well_formed(x.configs); !ok)
      return ok;
    return operation.alter(x.resource_type, x.resource_name, change_of(x));
  };
  Response response;
  for (const auto& resource : r.resources) {
    auto& x = response.responses.emplace_back();
    x.resource_type = resource.resource_type;
    x.resource_name = resource.resource_name;
    if (auto ok = alter(resource); !ok) {
      x.error = ok.error().code;
      x.error_message = ok.error().message;
    }
  }
  decision d;
  if (!r.validate_only)
    d.records = std::move(operation).records();
  d.response = std::move(response);
  return d;
}

} // namespace

decision decide(const cluster_state& state, const decision_context& around, const kafka::alter_configs_request& r) {
  return alter_all<kafka::alter_configs_response>(state, around, r, [](const auto& resource) -> config_change {
    return [&resource](const config_map&) { return replaced(resource.configs); };
  });
}

decision decide(const cluster_state& state, const decision_context& around,
                const kafka::incremental_alter_configs_request& r) {
  return alter_all<kafka::incremental_alter_configs_response>(
    state, around, r, [&around](const auto& resource) -> config_change {
      return [&around, &resource](const config_map& now) { return changed(around, now, resource.configs); };
    });
}

} // namespace chisme::coordinator
