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
  ask_partitions(*answers, body->topics, *image, [](auto&, partition::port& to, auto& p, auto done) {
    to.send(partition::list_offset_request{p.timestamp, p.current_leader_epoch, std::move(done)});
  });
}

} // namespace chisme::session
