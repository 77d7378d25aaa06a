#include "config/describe.hpp"

#include "config/options.hpp"

namespace chisme {

namespace {

std::optional<std::string> shown(const option& o, std::string_view text) {
  return o.sensitive ? std::nullopt : std::optional<std::string>{text};
}

/// Where the node's option gets a value from, the strongest first, its default left out.
void add_given(std::vector<config_synonym>& synonyms, const option& o, const node_settings& node) {
  if (auto i = node.dynamic.find(o.name); i != node.dynamic.end())
    synonyms.push_back({std::string{o.name}, shown(o, i->second.text), config_source::dynamic_broker_config});
  if (auto i = node.given.find(o.name); i != node.given.end())
    synonyms.push_back({std::string{o.name}, shown(o, i->second.text), config_source::static_broker_config});
}

void add_default(std::vector<config_synonym>& synonyms, const option& o) {
  if (o.fallback)
    synonyms.push_back({std::string{o.name}, shown(o, *o.fallback), config_source::default_config});
}

described_config describe(const option& o, std::vector<config_synonym> synonyms) {
  described_config d;
  d.name = o.name;
  d.read_only = o.scope == option_scope::node_fixed;
  d.source = config_source::default_config;
  if (!synonyms.empty()) {
    d.value = synonyms.front().value;
    d.source = synonyms.front().source;
  }
  d.sensitive = o.sensitive;
  d.synonyms = std::move(synonyms);
  d.type = o.type;
  d.documentation = o.doc;
  return d;
}

constexpr int64_t ms_per_unit(std::string_view name) {
  if (name.ends_with(".hours"))
    return 3'600'000;
  return name.ends_with(".minutes") ? 60'000 : 1;
}

/// What a topic inherits is in milliseconds, whichever unit the node's option has.
std::string in_topic_unit(const option& inherited, std::string_view text) {
  auto unit = ms_per_unit(inherited.name);
  auto value = unit == 1 ? tl::make_unexpected(error{}) : parse_value(inherited, text);
  if (!value)
    return std::string{text};
  auto units = std::get<int64_t>(*value);
  return std::to_string(units < 0 ? units : units * unit);
}

std::vector<config_synonym> topic_synonyms(const option& o, const topic_overrides& overrides,
                                           const node_settings& node) {
  std::vector<config_synonym> synonyms;
  if (auto i = overrides.find(std::string{o.name}); i != overrides.end())
    synonyms.push_back({std::string{o.name}, shown(o, i->second), config_source::topic_config});
  for (auto name : o.inherits)
    add_given(synonyms, *find_node_option(name), node);
  for (auto name : o.inherits)
    add_default(synonyms, *find_node_option(name));
  if (o.inherits.empty())
    add_default(synonyms, o);
  return synonyms;
}

} // namespace

std::vector<described_config> describe_topic(const topic_overrides& overrides, const node_settings& node) {
  std::vector<described_config> all;
  for (auto& o : topic_options()) {
    auto d = describe(o, topic_synonyms(o, overrides, node));
    if (d.value && d.source != config_source::topic_config)
      if (auto inherited = find_node_option(d.synonyms.front().name))
        d.value = in_topic_unit(*inherited, *d.value);
    all.push_back(std::move(d));
  }
  return all;
}

std::vector<described_config> describe_broker(const node_settings& node) {
  std::vector<described_config> all;
  for (auto& o : node_options()) {
    std::vector<config_synonym> synonyms;
    add_given(synonyms, o, node);
    add_default(synonyms, o);
    all.push_back(describe(o, std::move(synonyms)));
  }
  return all;
}

} // namespace chisme
