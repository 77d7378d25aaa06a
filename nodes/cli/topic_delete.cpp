#include "messages/kafka/20_delete_topics.hpp"
#include "nodes/cli/topic_commands.hpp"

namespace chisme::cli {

namespace {

kafka::delete_topics_request request_of(const std::vector<std::string>& names) {
  kafka::delete_topics_request request;
  request.timeout_ms = change_timeout_ms;
  request.topic_names = names; // up to version 5
  for (auto& name : names)     // from version 6
    request.topics.push_back({name, {}});
  return request;
}

topic_change change_of(const kafka::delete_topics_response::deletable_topic_result& topic, bool if_exists) {
  if (topic.error == error_code::unknown_topic_or_partition && if_exists)
    return {topic.name.value_or(""), error_code::none, "", "does not exist"};
  return {topic.name.value_or(""), topic.error, topic.error_message.value_or(""), "deleted"};
}

} // namespace

outcome delete_topics(const call& c) {
  auto described = connection_options(c);
  described.add_options()("if-exists", options::bool_switch(), "a topic that does not exist is no failure");
  auto arguments = parse(c, described, 1, 10'000);
  if (arguments.ended)
    return *arguments.ended;
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  auto answer = nodes->any().call<kafka::delete_topics_response>(request_of(arguments.list("name")));
  if (!answer)
    return c.failed(answer.error().message);
  std::vector<topic_change> changes;
  for (auto& topic : answer->responses)
    changes.push_back(change_of(topic, arguments.flag("if-exists")));
  return report(c, arguments, changes);
}

} // namespace chisme::cli
