#include "messages/kafka/37_create_partitions.hpp"
#include "messages/kafka/44_incremental_alter_configs.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

// Kafka's ConfigResource.Type and AlterConfigOp.OpType.
constexpr int8_t topic_resource = 2;
constexpr int8_t set_operation = 0;
constexpr int8_t delete_operation = 1;

options::options_description described(const call& c) {
  auto all = connection_options(c);
  auto add = all.add_options();
  add("partitions", options::value<int32_t>(), "how many partitions there shall be, more than there are");
  add("config", options::value<std::vector<std::string>>(), "name=value, sets a topic option; repeatable");
  add("delete-config", options::value<std::vector<std::string>>(),
      "name, takes the topic's own value away so that the node's default counts; repeatable");
  return all;
}

result<topic_change> alter_configs(cluster& nodes, const std::string& topic,
                                   const std::vector<std::pair<std::string, std::string>>& set,
                                   const std::vector<std::string>& unset) {
  kafka::incremental_alter_configs_request request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = topic_resource;
  resource.resource_name = topic;
  for (auto& [name, value] : set)
    resource.configs.push_back({name, set_operation, value});
  for (auto& name : unset)
    resource.configs.push_back({name, delete_operation, std::nullopt});
  auto answer = nodes.any().call<kafka::incremental_alter_configs_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  if (answer->responses.empty())
    return fail(error_code::unknown_server_error, "the node did not say how it went");
  auto& response = answer->responses.front();
  return topic_change{topic, response.error, response.error_message.value_or(""), "configs changed"};
}

result<topic_change> add_partitions(cluster& nodes, const std::string& topic, int32_t count) {
  kafka::create_partitions_request request;
  request.timeout_ms = change_timeout_ms;
  request.topics.push_back({topic, count, std::nullopt});
  auto answer = nodes.any().call<kafka::create_partitions_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  if (answer->results.empty())
    return fail(error_code::unknown_server_error, "the node did not say how it went");
  auto& response = answer->results.front();
  return topic_change{topic, response.error, response.error_message.value_or(""),
                      "has " + std::to_string(count) + " partitions"};
}

} // namespace

outcome alter_topic(const call& c) {
  auto arguments = parse_connected(c, described(c), 1, 1);
  if (arguments.ended)
    return *arguments.ended;
  auto set = key_values(arguments.list("config"));
  if (!set)
    return c.wrong("--config: " + set.error().message);
  auto unset = arguments.list("delete-config");
  bool configs = !set->empty() || !unset.empty();
  if (!configs && !arguments.has("partitions"))
    return c.wrong("nothing to change: --partitions, --config or --delete-config is missing");
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  auto topic = arguments.list("name").front();
  std::vector<topic_change> changes;
  auto keep = [&](result<topic_change> change) {
    changes.push_back(change ? *change : topic_change{topic, change.error().code, change.error().message, ""});
    return changes.back().error == error_code::none;
  };
  if (configs && !keep(alter_configs(*nodes, topic, *set, unset)))
    return report(c, arguments, changes);
  if (arguments.has("partitions"))
    keep(add_partitions(*nodes, topic, arguments.values["partitions"].as<int32_t>()));
  return report(c, arguments, changes);
}

} // namespace chisme::cli
