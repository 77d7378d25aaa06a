// Every message that the wire layer describes, for the tests that hold for all of them.
#pragma once

#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/08_offset_commit.hpp"
#include "messages/kafka/09_offset_fetch.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/13_leave_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "messages/kafka/15_describe_groups.hpp"
#include "messages/kafka/16_list_groups.hpp"
#include "messages/kafka/18_api_versions.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/20_delete_topics.hpp"
#include "messages/kafka/21_delete_records.hpp"
#include "messages/kafka/22_init_producer_id.hpp"
#include "messages/kafka/23_offset_for_leader_epoch.hpp"
#include "messages/kafka/32_describe_configs.hpp"
#include "messages/kafka/33_alter_configs.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"
#include "messages/kafka/37_create_partitions.hpp"
#include "messages/kafka/42_delete_groups.hpp"
#include "messages/kafka/44_incremental_alter_configs.hpp"
#include "messages/kafka/47_offset_delete.hpp"
#include "messages/kafka/60_describe_cluster.hpp"
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "messages/kafka/69_consumer_group_describe.hpp"
#include "messages/kafka/75_describe_topic_partitions.hpp"
#include "messages/kafka/consumer_protocol.hpp"
#include "messages/peer/gossip_exchange.hpp"
#include "messages/peer/heartbeat.hpp"
#include "messages/peer/swim_ack.hpp"
#include "messages/peer/swim_ping.hpp"
#include "messages/peer/swim_ping_request.hpp"
#include "messages/wire/codec.hpp"

#include <tuple>

namespace chisme::test {

/// Those with published schemas.
using kafka_messages = std::tuple<
  kafka::produce_request, kafka::produce_response, kafka::fetch_request, kafka::fetch_response,
  kafka::list_offsets_request, kafka::list_offsets_response, kafka::metadata_request, kafka::metadata_response,
  kafka::offset_commit_request, kafka::offset_commit_response, kafka::offset_fetch_request,
  kafka::offset_fetch_response, kafka::find_coordinator_request, kafka::find_coordinator_response,
  kafka::join_group_request, kafka::join_group_response, kafka::heartbeat_request, kafka::heartbeat_response,
  kafka::leave_group_request, kafka::leave_group_response, kafka::sync_group_request, kafka::sync_group_response,
  kafka::describe_groups_request, kafka::describe_groups_response, kafka::list_groups_request,
  kafka::list_groups_response, kafka::api_versions_request, kafka::api_versions_response, kafka::create_topics_request,
  kafka::create_topics_response, kafka::delete_topics_request, kafka::delete_topics_response,
  kafka::delete_records_request, kafka::delete_records_response, kafka::init_producer_id_request,
  kafka::init_producer_id_response, kafka::offset_for_leader_epoch_request, kafka::offset_for_leader_epoch_response,
  kafka::describe_configs_request, kafka::describe_configs_response, kafka::alter_configs_request,
  kafka::alter_configs_response, kafka::describe_log_dirs_request, kafka::describe_log_dirs_response,
  kafka::create_partitions_request, kafka::create_partitions_response, kafka::delete_groups_request,
  kafka::delete_groups_response, kafka::incremental_alter_configs_request, kafka::incremental_alter_configs_response,
  kafka::offset_delete_request, kafka::offset_delete_response, kafka::describe_cluster_request,
  kafka::describe_cluster_response, kafka::consumer_group_heartbeat_request, kafka::consumer_group_heartbeat_response,
  kafka::consumer_group_describe_request, kafka::consumer_group_describe_response,
  kafka::describe_topic_partitions_request, kafka::describe_topic_partitions_response,
  kafka::consumer_protocol_subscription, kafka::consumer_protocol_assignment>;

/// Between nodes.
using peer_messages =
  std::tuple<peer::heartbeat, peer::swim_ping, peer::swim_ping_request, peer::swim_ack, peer::gossip_exchange>;

using all_messages = decltype(std::tuple_cat(kafka_messages{}, peer_messages{}));

/// Calls `visit.template operator()<Message>()` for each.
template <class Messages = all_messages, class F>
void each_message(F visit) {
  [&]<class... Ms>(std::tuple<Ms...>*) { (visit.template operator()<Ms>(), ...); }(static_cast<Messages*>(nullptr));
}

/// Calls `visit.template operator()<Message>(version)` for each message in each of its versions.
template <class F>
void each_version(F visit) {
  each_message([&]<class M>() {
    for (int16_t version = M::min_version; version <= M::max_version; ++version)
      visit.template operator()<M>(version);
  });
}

template <class M>
bool is_flexible(int16_t version) {
  return version >= M::flexible_since;
}

} // namespace chisme::test
