#include "messages/kafka/19_create_topics.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

options::options_description described(const call& c) {
  auto all = connection_options(c);
  auto add = all.add_options();
  add("partitions", options::value<int32_t>()->default_value(-1, "the node's"), "how many partitions");
  add("replication-factor", options::value<int16_t>()->default_value(-1, "the node's"), "how many replicas of each");
  add("config", options::value<std::vector<std::string>>(), "name=value, a topic option; repeatable");
  add("if-not-exists", options::bool_switch(), "a topic that exists is no failure and is left as it is");
  return all;
}

result<kafka::create_topics_request> request_of(const parsed& arguments) {
  auto configs = key_values(arguments.list("config"));
  if (!configs)
    return tl::make_unexpected(configs.error());
  kafka::create_topics_request request;
  request.timeout_ms = change_timeout_ms;
  for (auto& name : arguments.list("name")) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = arguments.values["partitions"].as<int32_t>();
    topic.replication_factor = arguments.values["replication-factor"].as<int16_t>();
    for (auto& [key, value] : *configs)
      topic.configs.push_back({key, value});
  }
  return request;
}

topic_change change_of(const kafka::create_topics_response::creatable_topic_result& topic, bool if_not_exists) {
  if (topic.error == error_code::topic_already_exists && if_not_exists)
    return {topic.name, error_code::none, "", "exists already"};
  auto done = topic.num_partitions < 0 ? std::string{"created"}
                                       : "created, " + std::to_string(topic.num_partitions) + " partitions";
  return {topic.name, topic.error, topic.error_message.value_or(""), done};
}

} // namespace

outcome create_topics(const call& c) {
  auto arguments = parse_connected(c, described(c), 1, 10'000);
  if (arguments.ended)
    return *arguments.ended;
  auto request = request_of(arguments);
  if (!request)
    return c.wrong("--config: " + request.error().message);
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  auto answer = nodes->any().call<kafka::create_topics_response>(*request);
  if (!answer)
    return c.failed(answer.error().message);
  std::vector<topic_change> changes;
  for (auto& topic : answer->topics)
    changes.push_back(change_of(topic, arguments.flag("if-not-exists")));
  return report(c, arguments, changes);
}

} // namespace chisme::cli
