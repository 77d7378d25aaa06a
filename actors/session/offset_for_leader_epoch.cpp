// OffsetForLeaderEpoch: where an epoch ended, so that a client notices that its log was truncated (KIP-320).

#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/23_offset_for_leader_epoch.hpp"

namespace chisme::session {

namespace {

using element = kafka::offset_for_leader_epoch_response::epoch_end_offset;

void fill(element& to, partition::epoch_end_result&& from) {
  to.error = from.code;
  to.leader_epoch = from.leader_epoch;
  to.end_offset = from.end_offset;
}

} // namespace

void handle_offset_for_leader_epoch(request r) {
  auto body = r.decode_or_close<kafka::offset_for_leader_epoch_request>();
  if (!body)
    return;
  const auto image = r.image();
  using gather_type = gather<kafka::offset_for_leader_epoch_response, element, partition::epoch_end_result>;
  auto answers = std::make_shared<gather_type>(std::move(r), fill);
  size_t count = 0;
  for (const auto& t : body->topics) {
    auto& topic = answers->response.topics.emplace_back();
    topic.topic = t.topic;
    for (const auto& p : t.partitions)
      topic.partitions.emplace_back().partition = p.partition;
    count += t.partitions.size();
  }
  answers->reserve(count);
  for (size_t i = 0; i < body->topics.size(); ++i) {
    const auto* topic = image->find(body->topics[i].topic);
    for (size_t j = 0; j < body->topics[i].partitions.size(); ++j) {
      const auto& p = body->topics[i].partitions[j];
      auto done = answers->place(answers->response.topics[i].partitions[j]);
      auto found = find_partition(topic, p.partition);
      if (found.port)
        found.port->send(partition::epoch_end_request{p.leader_epoch, p.current_leader_epoch, std::move(done)});
      else
        done(partition::epoch_end_result::failed(found.code));
    }
  }
  answers->ready();
}

} // namespace chisme::session
