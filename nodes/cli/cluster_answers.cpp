#include "nodes/cli/cluster_answers.hpp"

#include "messages/kafka/32_describe_configs.hpp"
#include "messages/kafka/config_resource.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <charconv>
#include <future>

namespace chisme::cli {

namespace {

constexpr const char* min_in_sync_option = "min.insync.replicas";

using metadata_of_node = result<kafka::metadata_response>;

result<kafka::describe_cluster_response> describe_cluster(kafka_client& node) {
  auto answer = node.call<kafka::describe_cluster_response>(kafka::describe_cluster_request{});
  if (answer && answer->error != error_code::none)
    return fail(answer->error, explain(answer->error, answer->error_message.value_or("")));
  return answer;
}

result<std::map<std::string, size_t>> min_in_sync_of(kafka_client& node, const kafka::metadata_response& metadata) {
  kafka::describe_configs_request request;
  for (auto& t : metadata.topics)
    request.resources.push_back({static_cast<int8_t>(kafka::config_resource::topic), t.name.value_or(""),
                                 std::vector<std::string>{min_in_sync_option}});
  auto answer = node.call<kafka::describe_configs_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  std::map<std::string, size_t> found;
  for (auto& r : answer->results)
    for (auto& config : r.configs)
      if (size_t number = 0; config.name == min_in_sync_option && config.value) {
        std::from_chars(config.value->data(), config.value->data() + config.value->size(), number);
        found[r.resource_name] = number;
      }
  return found;
}

metadata_of_node ask_listed(const kafka::describe_cluster_response::broker& listed, connection::duration timeout) {
  if (listed.port <= 0 || listed.port > std::numeric_limits<uint16_t>::max())
    return fail(error_code::broker_not_available, "port " + std::to_string(listed.port) + " is none");
  auto node = kafka_client::open({"PLAINTEXT", listed.host, static_cast<uint16_t>(listed.port)}, timeout);
  if (!node)
    return tl::make_unexpected(node.error());
  kafka::metadata_request all;
  all.allow_auto_topic_creation = false;
  return node->call<kafka::metadata_response>(all);
}

/// One node that does not answer must not hold up the others.
std::map<int32_t, metadata_of_node> ask_all_listed(const kafka::describe_cluster_response& cluster,
                                                   connection::duration timeout) {
  std::map<int32_t, std::future<metadata_of_node>> asked;
  for (auto& b : cluster.brokers)
    asked.emplace(b.broker_id, std::async(std::launch::async, [&b, timeout] { return ask_listed(b, timeout); }));
  std::map<int32_t, metadata_of_node> answers;
  for (auto& [id, answer] : asked)
    answers.emplace(id, answer.get());
  return answers;
}

} // namespace

result<cluster_answers> ask_cluster(cluster& nodes, const std::string& asked) {
  auto described = describe_cluster(nodes.any());
  if (!described)
    return tl::make_unexpected(described.error());
  auto metadata = nodes.metadata(std::nullopt);
  if (!metadata)
    return tl::make_unexpected(metadata.error());
  auto min_in_sync = min_in_sync_of(nodes.any(), *metadata);
  if (!min_in_sync)
    return tl::make_unexpected(min_in_sync.error());
  auto listed = ask_all_listed(*described, nodes.timeout());
  return cluster_answers{asked, std::move(*described), std::move(*metadata), std::move(*min_in_sync),
                         std::move(listed)};
}

} // namespace chisme::cli
