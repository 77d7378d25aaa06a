// DescribeLogDirs: how much space topics take in the data folder, and how much there is.

#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"

#include <algorithm>
#include <set>

namespace chisme::session {

namespace {

using kafka::describe_log_dirs_request;
using kafka::describe_log_dirs_response;
using element = describe_log_dirs_response::partition;

void fill(element& to, partition::describe_result&& from) { to.partition_size = from.size_bytes; }

struct wanted_topic {
  const topic_image* image;
  std::vector<int32_t> partitions;
};

bool is_here(const topic_image& topic, size_t partition, node_id self) {
  const auto& replicas = topic.topic->replicas[partition];
  return std::ranges::find(replicas, self) != replicas.end();
}

std::vector<int32_t> all_of(const topic_image& topic, node_id self) {
  std::vector<int32_t> indices;
  for (size_t i = 0; i < topic.partitions.size(); ++i)
    if (is_here(topic, i, self))
      indices.push_back(static_cast<int32_t>(i));
  return indices;
}

/// Only what is here, each once: Kafka leaves unknown topics and partitions out.
std::vector<wanted_topic> wanted(const broker_image& image, const describe_log_dirs_request& asked) {
  std::vector<wanted_topic> topics;
  if (!asked.topics) {
    for (const auto& [name, topic] : image.topics)
      topics.push_back({topic.get(), all_of(*topic, image.self)});
    return topics;
  }
  std::set<std::pair<const topic_image*, int32_t>> seen;
  for (const auto& t : *asked.topics) {
    const auto* topic = image.find(t.topic);
    if (!topic)
      continue;
    auto& x = topics.emplace_back(wanted_topic{topic, {}});
    for (auto p : t.partitions) {
      if (p >= 0 && static_cast<size_t>(p) < topic->partitions.size() &&
          is_here(*topic, static_cast<size_t>(p), image.self) && seen.emplace(topic, p).second)
        x.partitions.push_back(p);
    }
  }
  return topics;
}

} // namespace

void handle_describe_log_dirs(request r) {
  auto body = r.decode_or_close<describe_log_dirs_request>();
  if (!body)
    return;
  const auto image = r.image();
  const auto topics = wanted(*image, *body);
  const auto space = r.shared().disk_space();
  using gather_type = gather<describe_log_dirs_response, element, partition::describe_result>;
  auto answers = std::make_shared<gather_type>(r, fill);
  auto& dir = answers->response.results.emplace_back();
  dir.log_dir = r.shared().data_dir;
  dir.total_bytes = space.total;
  dir.usable_bytes = space.usable;
  size_t count = 0;
  for (const auto& t : topics) {
    auto& topic = dir.topics.emplace_back();
    topic.name = t.image->topic->name;
    for (auto p : t.partitions)
      topic.partitions.emplace_back().partition_index = p;
    count += t.partitions.size();
  }
  answers->reserve(count);
  for (size_t i = 0; i < topics.size(); ++i) {
    for (auto& place : dir.topics[i].partitions) {
      const auto& p = topics[i].image->partitions[static_cast<size_t>(place.partition_index)];
      if (const auto& replica = p.port ? p.port : p.replica)
        replica->send(partition::describe_request{answers->place(place)});
    }
  }
  answers->ready();
}

} // namespace chisme::session
