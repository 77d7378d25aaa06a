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

/// What is inherited is shown in milliseconds, whichever unit the node's option has.
std::string in_own_unit(const option& inherited, std::string_view text) {
  auto unit = ms_per_unit(inherited.name);
  auto value = unit == 1 ? tl::make_unexpected(error{}) : parse_value(inherited, text);
  if (!value)
    return std::string{text};
  auto units = std::get<int64_t>(*value);
  return std::to_string(units < 0 ? units : units * unit);
}

std::vector<config_synonym> synonyms_of(const option& o, config_source own, const config_overrides& overrides,
                                        const node_settings& node) {
  std::vector<config_synonym> synonyms;
  if (auto i = overrides.find(std::string{o.name}); i != overrides.end())
    synonyms.push_back({std::string{o.name}, shown(o, i->second), own});
  for (auto name : o.inherits)
    add_given(synonyms, *node_options().find(name), node);
  for (auto name : o.inherits)
    add_default(synonyms, *node_options().find(name));
  if (o.inherits.empty())
    add_default(synonyms, o);
  return synonyms;
}

/// `own` is the source of what the thing itself sets.
std::vector<described_config> describe_all(const option_table& options, config_source own,
                                           const config_overrides& overrides, const node_settings& node) {
  std::vector<described_config> all;
  for (auto& o : options) {
    auto d = describe(o, synonyms_of(o, own, overrides, node));
    if (d.value && d.source != own)
      if (auto inherited = node_options().find(d.synonyms.front().name))
        d.value = in_own_unit(*inherited, *d.value);
    all.push_back(std::move(d));
  }
  return all;
}

} // namespace

std::vector<described_config> describe_topic(const topic_overrides& overrides, const node_settings& node) {
  return describe_all(topic_options(), config_source::topic_config, overrides, node);
}

std::vector<described_config> describe_group(const config_overrides& overrides, const node_settings& node) {
  return describe_all(group_options(), config_source::group_config, overrides, node);
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
