// What the members of a group say: JoinGroup, SyncGroup, Heartbeat, LeaveGroup, ConsumerGroupHeartbeat.

#include "actors/session/group_gate.hpp"
#include "actors/session/handlers.hpp"

namespace chisme::session {

void handle_join_group(request r) { ask_group<kafka::join_group_request, kafka::join_group_response>(std::move(r)); }

void handle_sync_group(request r) { ask_group<kafka::sync_group_request, kafka::sync_group_response>(std::move(r)); }

void handle_heartbeat(request r) { ask_group<kafka::heartbeat_request, kafka::heartbeat_response>(std::move(r)); }

void handle_leave_group(request r) {
  ask_group<kafka::leave_group_request, kafka::leave_group_response>(std::move(r));
}

void handle_consumer_group_heartbeat(request r) {
  ask_group<kafka::consumer_group_heartbeat_request, kafka::consumer_group_heartbeat_response>(std::move(r));
}

} // namespace chisme::session
