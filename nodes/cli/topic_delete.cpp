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

result<std::vector<topic_change>> ask_for(cluster& nodes, const std::vector<std::string>& names) {
  auto answer = nodes.any().call<kafka::delete_topics_response>(request_of(names));
  if (!answer)
    return tl::make_unexpected(answer.error());
  std::vector<topic_change> changes;
  for (auto& topic : answer->responses)
    changes.push_back({topic.name.value_or(""), topic.error, topic.error_message.value_or(""), "deleted"});
  return changes;
}

} // namespace

outcome delete_topics(const call& c) {
  return delete_named(c, "topic", error_code::unknown_topic_or_partition, ask_for);
}

} // namespace chisme::cli
