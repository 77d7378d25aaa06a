// DeleteRecords: moves the start of partitions forward.

#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "config/topic_config.hpp"
#include "messages/kafka/21_delete_records.hpp"

namespace chisme::session {

namespace {

using element = kafka::delete_records_response::partition_result;

void fill(element& to, partition::delete_records_result&& from) {
  to.error = from.code;
  to.low_watermark = from.low_watermark;
}

/// A compacted topic keeps the last value of each key: records cannot be taken from its start (Kafka's rule).
bool compacted_only(const topic_image* topic, const broker_image& image) {
  if (!topic)
    return false;
  auto settings = effective_topic_settings(image.settings->topic_defaults, topic->topic->configs);
  return settings && settings->cleanup_compact && !settings->cleanup_delete;
}

} // namespace

void handle_delete_records(request r) {
  auto body = r.decode_or_close<kafka::delete_records_request>();
  if (!body)
    return;
  const auto image = r.image();
  using gather_type = gather<kafka::delete_records_response, element, partition::delete_records_result>;
  auto answers = std::make_shared<gather_type>(std::move(r), fill);
  size_t count = 0;
  for (const auto& t : body->topics) {
    auto& topic = answers->response.topics.emplace_back();
    topic.name = t.name;
    for (const auto& p : t.partitions)
      topic.partitions.emplace_back().partition_index = p.partition_index;
    count += t.partitions.size();
  }
  answers->reserve(count);
  for (size_t i = 0; i < body->topics.size(); ++i) {
    const auto* topic = image->find(body->topics[i].name);
    const bool refused = compacted_only(topic, *image);
    for (size_t j = 0; j < body->topics[i].partitions.size(); ++j) {
      const auto& p = body->topics[i].partitions[j];
      auto done = answers->place(answers->response.topics[i].partitions[j]);
      auto found = find_partition(topic, p.partition_index);
      if (refused)
        done(partition::delete_records_result::failed(error_code::policy_violation));
      else if (found.port)
        found.port->send(partition::delete_records_request{p.offset, std::move(done)});
      else
        done(partition::delete_records_result::failed(found.code));
    }
  }
  answers->ready();
}

} // namespace chisme::session
