// ListOffsets: earliest, latest, the offset for a time, the offset of the largest time.

#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/02_list_offsets.hpp"

namespace chisme::session {

namespace {

using element = kafka::list_offsets_response::partition_response;

void fill(element& to, partition::offset_result&& from) {
  to.error = from.code;
  to.offset = from.offset;
  to.timestamp = from.timestamp;
  to.leader_epoch = from.leader_epoch;
}

} // namespace

void handle_list_offsets(request r) {
  auto body = r.decode_or_close<kafka::list_offsets_request>();
  if (!body)
    return;
  const auto image = r.image();
  auto answers =
    std::make_shared<gather<kafka::list_offsets_response, element, partition::offset_result>>(std::move(r), fill);
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
    for (size_t j = 0; j < body->topics[i].partitions.size(); ++j) {
      const auto& p = body->topics[i].partitions[j];
      auto done = answers->place(answers->response.topics[i].partitions[j]);
      auto found = find_partition(topic, p.partition_index);
      if (found.port)
        found.port->send(partition::list_offset_request{p.timestamp, p.current_leader_epoch, std::move(done)});
      else
        done(partition::offset_result::failed(found.code));
    }
  }
  answers->ready();
}

} // namespace chisme::session
