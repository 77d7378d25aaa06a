// DescribeConfigs: topics, nodes and consumer groups, from the options table.

#include "actors/session/handlers.hpp"
#include "config/describe.hpp"
#include "messages/kafka/32_describe_configs.hpp"
#include "messages/kafka/config_resource.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace chisme::session {

namespace {

using kafka::describe_configs_request;
using kafka::describe_configs_response;

result<std::vector<described_config>> describe(const broker_image& image, node_id self,
                                               const describe_configs_request::resource& asked) {
  using resource = kafka::config_resource;
  const auto& name = asked.resource_name;
  switch (resource{asked.resource_type}) {
    case resource::topic:
      if (const auto* topic = image.find(name))
        return describe_topic(topic->topic->configs, *image.settings);
      return fail(error_code::unknown_topic_or_partition, "This server does not host this topic.");
    case resource::broker:
      if (name.empty() || name == std::to_string(self))
        return describe_broker(*image.settings);
      return fail(error_code::invalid_request,
                  "this is node " + std::to_string(self) + ", not node '" + name + "': ask that one");
    case resource::group:
      // As in Kafka, the group need not exist.
      if (name.empty())
        return fail(error_code::invalid_request, "a group has a name");
      return describe_group(image.cluster->configs_of_group(name), *image.settings);
    default:
      return fail(error_code::invalid_request,
                  "resource type " + std::to_string(asked.resource_type) + " has no configs here");
  }
}

describe_configs_response::resource_result to_wire(const described_config& c, const describe_configs_request& asked) {
  describe_configs_response::resource_result to;
  to.name = c.name;
  to.value = c.value;
  to.read_only = c.read_only;
  to.config_source = static_cast<int8_t>(c.source);
  to.is_sensitive = c.sensitive;
  to.config_type = static_cast<int8_t>(c.type);
  if (asked.include_documentation)
    to.documentation = std::string{c.documentation};
  if (asked.include_synonyms) {
    for (const auto& s : c.synonyms)
      to.synonyms.push_back({s.name, s.value, static_cast<int8_t>(s.source)});
  }
  return to;
}

/// The configs of one resource that are asked for.
class wanted_configs {
public:
  explicit wanted_configs(const describe_configs_request::resource& asked) : all_(!asked.configuration_keys) {
    if (all_)
      return;
    names_.assign(asked.configuration_keys->begin(), asked.configuration_keys->end());
    std::ranges::sort(names_);
  }

  bool contain(std::string_view name) const { return all_ || std::ranges::binary_search(names_, name); }

private:
  bool all_;
  std::vector<std::string_view> names_; // sorted
};

} // namespace

void handle_describe_configs(request r) {
  auto body = r.decode_or_close<describe_configs_request>();
  if (!body)
    return;
  const auto image = r.image();
  describe_configs_response response;
  // Each resource once, or a small request could ask for an answer of any size.
  std::set<std::pair<int8_t, std::string>> seen;
  for (const auto& asked : body->resources) {
    if (!seen.emplace(asked.resource_type, asked.resource_name).second)
      continue;
    auto& x = response.results.emplace_back();
    x.resource_type = asked.resource_type;
    x.resource_name = asked.resource_name;
    auto configs = describe(*image, r.shared().settings->node_id, asked);
    if (!configs) {
      x.error = configs.error().code;
      x.error_message = configs.error().message;
      continue;
    }
    const wanted_configs wanted{asked};
    for (const auto& c : *configs) {
      if (wanted.contain(c.name))
        x.configs.push_back(to_wire(c, *body));
    }
  }
  r.answer(std::move(response));
}

} // namespace chisme::session
