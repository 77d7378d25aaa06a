// What the members of a group say: JoinGroup, SyncGroup, Heartbeat, LeaveGroup, ConsumerGroupHeartbeat.

#include "actors/session/group_gate.hpp"
#include "actors/session/handlers.hpp"

namespace chisme::session {

/// From version 5 on a member says which protocol it means (KIP-559).
template <>
error_code wrong_with(const kafka::sync_group_request& r, int16_t version) {
  constexpr int16_t protocol_is_said = 5;
  return version >= protocol_is_said && (!r.protocol_type || !r.protocol_name) ? error_code::inconsistent_group_protocol
                                                                               : error_code::none;
}

void handle_join_group(request r) { ask_group<kafka::join_group_request, kafka::join_group_response>(std::move(r)); }

void handle_sync_group(request r) { ask_group<kafka::sync_group_request, kafka::sync_group_response>(std::move(r)); }

void handle_heartbeat(request r) { ask_group<kafka::heartbeat_request, kafka::heartbeat_response>(std::move(r)); }

void handle_leave_group(request r) { ask_group<kafka::leave_group_request, kafka::leave_group_response>(std::move(r)); }

void handle_consumer_group_heartbeat(request r) {
  ask_group<kafka::consumer_group_heartbeat_request, kafka::consumer_group_heartbeat_response>(std::move(r));
}

} // namespace chisme::session
