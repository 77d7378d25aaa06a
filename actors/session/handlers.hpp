// One handler for each API, one file for each handler. A handler decodes, asks partitions or the coordinator, and
// answers through its request's slot, at once or later. It runs on the session's loop and never waits.
#pragma once

#include "actors/session/request.hpp"

namespace chisme::session {

void handle_produce(request r);
void handle_fetch(request r);
void handle_list_offsets(request r);
void handle_metadata(request r);
void handle_find_coordinator(request r);
void handle_api_versions(request r);
void handle_create_topics(request r);
void handle_delete_topics(request r);
void handle_delete_records(request r);
void handle_init_producer_id(request r);
void handle_offset_for_leader_epoch(request r);
void handle_describe_configs(request r);
void handle_alter_configs(request r);
void handle_describe_log_dirs(request r);
void handle_create_partitions(request r);
void handle_incremental_alter_configs(request r);
void handle_describe_cluster(request r);
void handle_describe_topic_partitions(request r);
void handle_join_group(request r);
void handle_sync_group(request r);
void handle_heartbeat(request r);
void handle_leave_group(request r);
void handle_offset_commit(request r);
void handle_offset_fetch(request r);
void handle_offset_delete(request r);
void handle_list_groups(request r);
void handle_describe_groups(request r);
void handle_delete_groups(request r);
void handle_consumer_group_heartbeat(request r);
void handle_consumer_group_describe(request r);

/// ApiVersions in a version that nobody knows: version 0's answer, UNSUPPORTED_VERSION, and what is known (KIP-511).
void answer_unknown_api_versions(const request& r);

} // namespace chisme::session
