// ListOffsets: earliest, latest, the offset for a time, the offset of the largest time.

#include "actors/session/gather.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/02_list_offsets.hpp"

namespace chisme::session {

namespace {

using asked = partition::list_offset_request;
using element = kafka::list_offsets_response::partition_response;

void fill(element& to, partition::offset_result&& from) {
  to.error = from.code;
  to.offset = from.offset;
  to.timestamp = from.timestamp;
  to.leader_epoch = from.leader_epoch;
}

/// Times are not negative; the values below 0 that mean something came one by one, each with a version of the request
/// (Kafka's ReplicaManager.timestampMinSupportedVersion).
constexpr bool known(timestamp_ms time, int16_t version) {
  switch (time) {
    case asked::latest:
    case asked::earliest:
      return true;
    case asked::max_timestamp: // KIP-734
      return version >= 7;
    case asked::earliest_local: // KIP-405
      return version >= 8;
    case asked::latest_tiered: // KIP-1005
      return version >= 9;
    case asked::earliest_pending_upload: // KIP-1023
      return version >= 11;
    default:
      return time >= 0;
  }
}

} // namespace

void handle_list_offsets(request r) {
  auto body = r.decode_or_close<kafka::list_offsets_request>();
  if (!body)
    return;
  const auto image = r.image();
  const auto version = r.version();
  auto answers =
    std::make_shared<gather<kafka::list_offsets_response, element, partition::offset_result>>(std::move(r), fill);
  ask_partitions(*answers, body->topics, *image, [version](auto&, partition::port& to, auto& p, auto done) {
    if (!known(p.timestamp, version))
      return done(partition::offset_result::failed(error_code::unsupported_version));
    to.send(asked{p.timestamp, p.current_leader_epoch, std::move(done)});
  });
}

} // namespace chisme::session
