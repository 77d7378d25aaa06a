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
  ask_partitions(*answers, body->topics, *image, [](auto&, partition::port& to, auto& p, auto done) {
    to.send(partition::epoch_end_request{p.leader_epoch, p.current_leader_epoch, std::move(done)});
  });
}

} // namespace chisme::session
