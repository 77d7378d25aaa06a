#include "actors/session/api_table.hpp"

#include "actors/session/handlers.hpp"
#include "messages/printable.hpp"

#include <algorithm>
#include <array>

namespace chisme::session {

namespace {

using kafka::api_key;

constexpr std::array table{
  api_entry{api_key::produce, handle_produce},
  api_entry{api_key::fetch, handle_fetch},
  api_entry{api_key::list_offsets, handle_list_offsets},
  api_entry{api_key::metadata, handle_metadata, true},
  api_entry{api_key::offset_commit, handle_offset_commit},
  api_entry{api_key::offset_fetch, handle_offset_fetch, true},
  api_entry{api_key::find_coordinator, handle_find_coordinator},
  api_entry{api_key::join_group, handle_join_group},
  api_entry{api_key::heartbeat, handle_heartbeat},
  api_entry{api_key::leave_group, handle_leave_group},
  api_entry{api_key::sync_group, handle_sync_group},
  api_entry{api_key::describe_groups, handle_describe_groups, true},
  api_entry{api_key::list_groups, handle_list_groups, true},
  api_entry{api_key::api_versions, handle_api_versions},
  api_entry{api_key::create_topics, handle_create_topics},
  api_entry{api_key::delete_topics, handle_delete_topics},
  api_entry{api_key::delete_records, handle_delete_records},
  api_entry{api_key::init_producer_id, handle_init_producer_id},
  api_entry{api_key::offset_for_leader_epoch, handle_offset_for_leader_epoch},
  api_entry{api_key::describe_configs, handle_describe_configs, true},
  api_entry{api_key::alter_configs, handle_alter_configs},
  api_entry{api_key::describe_log_dirs, handle_describe_log_dirs, true},
  api_entry{api_key::create_partitions, handle_create_partitions},
  api_entry{api_key::delete_groups, handle_delete_groups},
  api_entry{api_key::incremental_alter_configs, handle_incremental_alter_configs},
  api_entry{api_key::offset_delete, handle_offset_delete},
  api_entry{api_key::describe_cluster, handle_describe_cluster},
  api_entry{api_key::consumer_group_heartbeat, handle_consumer_group_heartbeat},
  api_entry{api_key::consumer_group_describe, handle_consumer_group_describe, true},
  api_entry{api_key::describe_topic_partitions, handle_describe_topic_partitions, true},
};

const api_entry* find(int16_t key) {
  const auto i = std::ranges::find(table, static_cast<api_key>(key), &api_entry::key);
  return i == table.end() ? nullptr : &*i;
}

} // namespace

std::span<const api_entry> served_apis() { return table; }

bool answers_much(int16_t key) {
  const auto* entry = find(key);
  return entry && entry->answers_much;
}

void dispatch(request r, bool version_supported) {
  const auto key = static_cast<api_key>(r.header.key);
  if (const auto* entry = find(r.header.key); entry && version_supported)
    return entry->handle(std::move(r));
  if (key == api_key::api_versions)
    return answer_unknown_api_versions(r);
  // Kafka's own reaction: a client that asks for more than ApiVersions told cannot be answered in a known form.
  r.from->close("unsupported request " + kafka::to_string(key) + " v" + std::to_string(r.header.version) +
                (r.header.client_id ? " from client " + printable(*r.header.client_id) : ""));
}

} // namespace chisme::session
