#include "messages/kafka/api.hpp"

#include <algorithm>

namespace chisme::kafka {

namespace {

constexpr api_info apis[] = {
  {api_key::produce, "Produce", 3, 13, 9, 0},
  {api_key::fetch, "Fetch", 4, 18, 12, 4},
  {api_key::list_offsets, "ListOffsets", 1, 11, 6, 1},
  {api_key::metadata, "Metadata", 0, 13, 9, 0},
  {api_key::offset_commit, "OffsetCommit", 2, 10, 8, 2},
  {api_key::offset_fetch, "OffsetFetch", 1, 10, 6, 1},
  {api_key::find_coordinator, "FindCoordinator", 0, 6, 3, 0},
  {api_key::join_group, "JoinGroup", 0, 9, 6, 0},
  {api_key::heartbeat, "Heartbeat", 0, 4, 4, 0},
  {api_key::leave_group, "LeaveGroup", 0, 5, 4, 0},
  {api_key::sync_group, "SyncGroup", 0, 5, 4, 0},
  {api_key::describe_groups, "DescribeGroups", 0, 6, 5, 0},
  {api_key::list_groups, "ListGroups", 0, 5, 3, 0},
  {api_key::api_versions, "ApiVersions", 0, 4, 3, 0},
  {api_key::create_topics, "CreateTopics", 2, 7, 5, 2},
  {api_key::delete_topics, "DeleteTopics", 1, 6, 4, 1},
  {api_key::delete_records, "DeleteRecords", 0, 2, 2, 0},
  {api_key::init_producer_id, "InitProducerId", 0, 5, 2, 0},
  {api_key::offset_for_leader_epoch, "OffsetForLeaderEpoch", 2, 4, 4, 2},
  {api_key::describe_configs, "DescribeConfigs", 1, 4, 4, 1},
  {api_key::alter_configs, "AlterConfigs", 0, 2, 2, 0},
  {api_key::describe_log_dirs, "DescribeLogDirs", 1, 4, 2, 1},
  {api_key::create_partitions, "CreatePartitions", 0, 3, 2, 0},
  {api_key::delete_groups, "DeleteGroups", 0, 2, 2, 0},
  {api_key::incremental_alter_configs, "IncrementalAlterConfigs", 0, 1, 1, 0},
  {api_key::offset_delete, "OffsetDelete", 0, 0, wire::never, 0},
  {api_key::describe_cluster, "DescribeCluster", 0, 2, 0, 0},
  {api_key::consumer_group_heartbeat, "ConsumerGroupHeartbeat", 0, 1, 0, 0},
  {api_key::consumer_group_describe, "ConsumerGroupDescribe", 0, 1, 0, 0},
  {api_key::describe_topic_partitions, "DescribeTopicPartitions", 0, 0, 0, 0},
};

static_assert(std::ranges::is_sorted(apis, {}, &api_info::key));

} // namespace

std::span<const api_info> described_apis() { return apis; }

const api_info* find_api(int16_t key) {
  auto at = std::ranges::lower_bound(apis, static_cast<api_key>(key), {}, &api_info::key);
  return at != std::end(apis) && at->key == static_cast<api_key>(key) ? &*at : nullptr;
}

std::optional<int16_t> request_header_version(int16_t key, int16_t version) {
  const auto* api = find_api(key);
  if (!api)
    return std::nullopt;
  return version >= api->flexible_since ? 2 : 1;
}

std::optional<int16_t> response_header_version(int16_t key, int16_t version) {
  const auto* api = find_api(key);
  if (!api)
    return std::nullopt;
  return api->key != api_key::api_versions && version >= api->flexible_since ? 1 : 0;
}

std::string to_string(api_key key) {
  switch (key) {
    case api_key::produce:
      return "Produce";
    case api_key::fetch:
      return "Fetch";
    case api_key::list_offsets:
      return "ListOffsets";
    case api_key::metadata:
      return "Metadata";
    case api_key::leader_and_isr:
      return "LeaderAndIsr";
    case api_key::stop_replica:
      return "StopReplica";
    case api_key::update_metadata:
      return "UpdateMetadata";
    case api_key::controlled_shutdown:
      return "ControlledShutdown";
    case api_key::offset_commit:
      return "OffsetCommit";
    case api_key::offset_fetch:
      return "OffsetFetch";
    case api_key::find_coordinator:
      return "FindCoordinator";
    case api_key::join_group:
      return "JoinGroup";
    case api_key::heartbeat:
      return "Heartbeat";
    case api_key::leave_group:
      return "LeaveGroup";
    case api_key::sync_group:
      return "SyncGroup";
    case api_key::describe_groups:
      return "DescribeGroups";
    case api_key::list_groups:
      return "ListGroups";
    case api_key::sasl_handshake:
      return "SaslHandshake";
    case api_key::api_versions:
      return "ApiVersions";
    case api_key::create_topics:
      return "CreateTopics";
    case api_key::delete_topics:
      return "DeleteTopics";
    case api_key::delete_records:
      return "DeleteRecords";
    case api_key::init_producer_id:
      return "InitProducerId";
    case api_key::offset_for_leader_epoch:
      return "OffsetForLeaderEpoch";
    case api_key::add_partitions_to_txn:
      return "AddPartitionsToTxn";
    case api_key::add_offsets_to_txn:
      return "AddOffsetsToTxn";
    case api_key::end_txn:
      return "EndTxn";
    case api_key::write_txn_markers:
      return "WriteTxnMarkers";
    case api_key::txn_offset_commit:
      return "TxnOffsetCommit";
    case api_key::describe_acls:
      return "DescribeAcls";
    case api_key::create_acls:
      return "CreateAcls";
    case api_key::delete_acls:
      return "DeleteAcls";
    case api_key::describe_configs:
      return "DescribeConfigs";
    case api_key::alter_configs:
      return "AlterConfigs";
    case api_key::alter_replica_log_dirs:
      return "AlterReplicaLogDirs";
    case api_key::describe_log_dirs:
      return "DescribeLogDirs";
    case api_key::sasl_authenticate:
      return "SaslAuthenticate";
    case api_key::create_partitions:
      return "CreatePartitions";
    case api_key::create_delegation_token:
      return "CreateDelegationToken";
    case api_key::renew_delegation_token:
      return "RenewDelegationToken";
    case api_key::expire_delegation_token:
      return "ExpireDelegationToken";
    case api_key::describe_delegation_token:
      return "DescribeDelegationToken";
    case api_key::delete_groups:
      return "DeleteGroups";
    case api_key::elect_leaders:
      return "ElectLeaders";
    case api_key::incremental_alter_configs:
      return "IncrementalAlterConfigs";
    case api_key::alter_partition_reassignments:
      return "AlterPartitionReassignments";
    case api_key::list_partition_reassignments:
      return "ListPartitionReassignments";
    case api_key::offset_delete:
      return "OffsetDelete";
    case api_key::describe_client_quotas:
      return "DescribeClientQuotas";
    case api_key::alter_client_quotas:
      return "AlterClientQuotas";
    case api_key::describe_user_scram_credentials:
      return "DescribeUserScramCredentials";
    case api_key::alter_user_scram_credentials:
      return "AlterUserScramCredentials";
    case api_key::vote:
      return "Vote";
    case api_key::begin_quorum_epoch:
      return "BeginQuorumEpoch";
    case api_key::end_quorum_epoch:
      return "EndQuorumEpoch";
    case api_key::describe_quorum:
      return "DescribeQuorum";
    case api_key::alter_partition:
      return "AlterPartition";
    case api_key::update_features:
      return "UpdateFeatures";
    case api_key::envelope:
      return "Envelope";
    case api_key::fetch_snapshot:
      return "FetchSnapshot";
    case api_key::describe_cluster:
      return "DescribeCluster";
    case api_key::describe_producers:
      return "DescribeProducers";
    case api_key::broker_registration:
      return "BrokerRegistration";
    case api_key::broker_heartbeat:
      return "BrokerHeartbeat";
    case api_key::unregister_broker:
      return "UnregisterBroker";
    case api_key::describe_transactions:
      return "DescribeTransactions";
    case api_key::list_transactions:
      return "ListTransactions";
    case api_key::allocate_producer_ids:
      return "AllocateProducerIds";
    case api_key::consumer_group_heartbeat:
      return "ConsumerGroupHeartbeat";
    case api_key::consumer_group_describe:
      return "ConsumerGroupDescribe";
    case api_key::controller_registration:
      return "ControllerRegistration";
    case api_key::get_telemetry_subscriptions:
      return "GetTelemetrySubscriptions";
    case api_key::push_telemetry:
      return "PushTelemetry";
    case api_key::assign_replicas_to_dirs:
      return "AssignReplicasToDirs";
    case api_key::list_config_resources:
      return "ListConfigResources";
    case api_key::describe_topic_partitions:
      return "DescribeTopicPartitions";
    case api_key::share_group_heartbeat:
      return "ShareGroupHeartbeat";
    case api_key::share_group_describe:
      return "ShareGroupDescribe";
    case api_key::share_fetch:
      return "ShareFetch";
    case api_key::share_acknowledge:
      return "ShareAcknowledge";
    case api_key::add_raft_voter:
      return "AddRaftVoter";
    case api_key::remove_raft_voter:
      return "RemoveRaftVoter";
    case api_key::update_raft_voter:
      return "UpdateRaftVoter";
    case api_key::initialize_share_group_state:
      return "InitializeShareGroupState";
    case api_key::read_share_group_state:
      return "ReadShareGroupState";
    case api_key::write_share_group_state:
      return "WriteShareGroupState";
    case api_key::delete_share_group_state:
      return "DeleteShareGroupState";
    case api_key::read_share_group_state_summary:
      return "ReadShareGroupStateSummary";
    case api_key::streams_group_heartbeat:
      return "StreamsGroupHeartbeat";
    case api_key::streams_group_describe:
      return "StreamsGroupDescribe";
    case api_key::describe_share_group_offsets:
      return "DescribeShareGroupOffsets";
    case api_key::alter_share_group_offsets:
      return "AlterShareGroupOffsets";
    case api_key::delete_share_group_offsets:
      return "DeleteShareGroupOffsets";
  }
  return std::to_string(static_cast<int16_t>(key));
}

} // namespace chisme::kafka
