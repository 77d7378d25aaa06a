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
bool compacted_only(const topic_image& topic, const broker_image& image) {
  auto settings = effective_topic_settings(image.settings->topic_defaults, topic.topic->configs);
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
  ask_partitions(*answers, body->topics, *image, [&](auto& topic, partition::port& to, auto& p, auto done) {
    if (compacted_only(topic, *image))
      done(partition::delete_records_result::failed(error_code::policy_violation));
    else
      to.send(partition::delete_records_request{p.offset, std::move(done)});
  });
}

} // namespace chisme::session
