// DescribeTopicPartitions (KIP-966): Metadata for topics with very many partitions, page by page.

#include "actors/session/handlers.hpp"
#include "actors/session/topic_metadata.hpp"
#include "messages/kafka/75_describe_topic_partitions.hpp"

#include <algorithm>
#include <set>

namespace chisme::session {

namespace {

/// Kafka's max.request.partition.size.limit.
constexpr int32_t most_partitions = 2000;

using kafka::describe_topic_partitions_request;
using kafka::describe_topic_partitions_response;

std::set<std::string> wanted_names(const broker_image& image, const describe_topic_partitions_request& asked) {
  std::set<std::string> names;
  for (const auto& t : asked.topics)
    names.insert(t.name);
  if (asked.topics.empty()) {
    for (const auto& [name, topic] : image.topics)
      names.insert(name);
  }
  return names;
}

void continue_at(describe_topic_partitions_response& response, const std::string& topic, size_t partition) {
  response.next_cursor = describe_topic_partitions_response::page_cursor{};
  response.next_cursor->topic_name = topic;
  response.next_cursor->partition_index = static_cast<int32_t>(partition);
}

/// Adds the topic's partitions from `first` on; false where not all found room, `left` says how much there is.
bool add_topic(describe_topic_partitions_response& response, const broker_image& image, const topic_image& topic,
               size_t first, size_t& left) {
  if (left == 0) {
    continue_at(response, topic.topic->name, first);
    return false;
  }
  auto& t = response.topics.emplace_back();
  t.name = topic.topic->name;
  t.topic_id = topic.topic->id;
  t.is_internal = topic.topic->internal();
  t.topic_authorized_operations = all_topic_operations;
  for (auto i = first; i < topic.partitions.size(); ++i) {
    if (left == 0) {
      continue_at(response, topic.topic->name, i);
      return false;
    }
    auto& p = t.partitions.emplace_back();
    describe_partition(p, image, topic, i);
    // Java's admin client cannot read the null that the schema allows here.
    p.eligible_leader_replicas.emplace();
    p.last_known_elr.emplace();
    --left;
  }
  return true;
}

} // namespace

void handle_describe_topic_partitions(request r) {
  auto body = r.decode_or_close<describe_topic_partitions_request>();
  if (!body)
    return;
  const auto image = r.image();
  describe_topic_partitions_response response;
  auto left = static_cast<size_t>(std::clamp(body->response_partition_limit, 1, most_partitions));
  for (const auto& name : wanted_names(*image, *body)) {
    if (body->cursor && name < body->cursor->topic_name)
      continue;
    const auto* topic = image->find(name);
    if (!topic) {
      auto& t = response.topics.emplace_back();
      t.name = name;
      t.error = error_code::unknown_topic_or_partition;
      continue;
    }
    const bool resumes = body->cursor && name == body->cursor->topic_name;
    const auto first = resumes ? static_cast<size_t>(std::max(0, body->cursor->partition_index)) : 0;
    if (!add_topic(response, *image, *topic, first, left))
      break;
  }
  r.answer(std::move(response));
}

} // namespace chisme::session
