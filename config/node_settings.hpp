// What a node runs with: every option of the table (config/options.hpp) as a plain field, and where each
// value came from. Built by config/load.hpp; the defaults here equal the table's, which a test checks.
#pragma once

#include "config/endpoint.hpp"
#include "config/group_timing.hpp"
#include "config/migration_policy.hpp"
#include "config/topic_settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace chisme {

enum class log_level : uint8_t { trace, debug, info, warn, error };

/// A value that somebody set, as text, and where: "chisme.properties:12", "CHISME_LOG_LEVEL", "--log.level".
struct given_value {
  std::string text;
  std::string origin;

  friend bool operator==(const given_value&, const given_value&) = default;
};

using given_values = std::map<std::string, given_value, std::less<>>;

struct node_settings {
  std::vector<endpoint> listeners = {{"PLAINTEXT", "127.0.0.1", 9092}}; ///< listeners, at least one
  std::vector<endpoint> advertised_listeners;                           ///< advertised.listeners; empty: as bound
  std::vector<endpoint> peer_listeners;           ///< peer.listeners; empty: no other node can connect
  std::vector<endpoint> advertised_peer_listener; ///< advertised.peer.listener, at most one; empty: as bound
  std::vector<endpoint> seeds;                    ///< seeds, where other nodes may be
  int32_t expect = 0;                             ///< expect, nodes that form a cluster together; 0: joins one
  std::string rack;                               ///< broker.rack
  int32_t node_id = 1;                            ///< node.id
  std::string cluster_id;                         ///< cluster.id; empty: made at the first start
  std::string data_dir = "./chisme-data";         ///< log.dirs, log.dir
  log_level level = log_level::info;              ///< log.level

  bool auto_create_topics = true;         ///< auto.create.topics.enable
  bool delete_topics = true;              ///< delete.topic.enable
  int32_t num_partitions = 1;             ///< num.partitions, of a topic that asks for no number
  int32_t default_replication_factor = 1; ///< default.replication.factor
  topic_settings topic_defaults;          ///< what a topic has where it sets nothing itself

  int64_t retention_check_interval_ms = 300'000;  ///< log.retention.check.interval.ms
  bool auto_leader_rebalance = true;              ///< auto.leader.rebalance.enable
  int32_t leader_imbalance_check_interval_s = 10; ///< leader.imbalance.check.interval.seconds
  int64_t cleaner_backoff_ms = 15'000;            ///< log.cleaner.backoff.ms
  bool cleaner_enabled = true;                    ///< log.cleaner.enable
  int64_t producer_id_expiration_ms = 86'400'000; ///< producer.id.expiration.ms
  int32_t producer_ids_per_partition = 10'000;    ///< max.producer.ids.per.partition

  int32_t network_threads = 1;             ///< num.network.threads
  int32_t actor_threads = 0;               ///< num.io.threads; 0: one per core, at least 2
  int32_t max_request_bytes = 104'857'600; ///< socket.request.max.bytes: one frame
  int32_t max_connections = 20'000;        ///< max.connections
  int64_t connection_idle_ms = 600'000;    ///< connections.max.idle.ms; below 0: never closed
  int32_t queued_requests = 64;            ///< queued.max.requests, per connection
  int64_t queued_request_bytes = 64 << 20; ///< queued.max.request.bytes
  int64_t drain_timeout_ms = 30'000;       ///< connection.drain.timeout.ms
  int64_t shutdown_timeout_ms = 8'000;     ///< shutdown.timeout.ms
  int32_t fetch_max_bytes = 57'671'680;    ///< fetch.max.bytes
  int32_t fetch_session_slots = 1000;      ///< max.incremental.fetch.session.cache.slots
  int32_t offsets_topic_partitions = 50;   ///< offsets.topic.num.partitions
  /// offsets.topic.replication.factor; where it is not set fewer will do, if there are fewer nodes
  int32_t offsets_topic_replication_factor = 3;

  int64_t offsets_retention_ms = 604'800'000;            ///< offsets.retention.minutes
  int64_t offsets_retention_check_interval_ms = 600'000; ///< offsets.retention.check.interval.ms
  int32_t offset_metadata_max_bytes = 4'096;             ///< offset.metadata.max.bytes
  int32_t group_min_session_timeout_ms = 6'000;          ///< group.min.session.timeout.ms
  int32_t group_max_session_timeout_ms = 1'800'000;      ///< group.max.session.timeout.ms
  int32_t group_initial_rebalance_delay_ms = 3'000;      ///< group.initial.rebalance.delay.ms
  int32_t group_max_size = 2'147'483'647;                ///< group.max.size

  group_timing group_defaults;                         ///< what a consumer group has where it sets nothing itself
  int32_t consumer_min_session_timeout_ms = 45'000;    ///< group.consumer.min.session.timeout.ms
  int32_t consumer_max_session_timeout_ms = 60'000;    ///< group.consumer.max.session.timeout.ms
  int32_t consumer_min_heartbeat_interval_ms = 5'000;  ///< group.consumer.min.heartbeat.interval.ms
  int32_t consumer_max_heartbeat_interval_ms = 15'000; ///< group.consumer.max.heartbeat.interval.ms
  int32_t consumer_max_size = 2'147'483'647;           ///< group.consumer.max.size
  std::vector<std::string> consumer_assignors{"uniform", "range"};       ///< group.consumer.assignors, at least one
  migration_policy consumer_migration = migration_policy::bidirectional; ///< group.consumer.migration.policy

  given_values given;   ///< by file, environment and flags; the strongest of each name
  given_values dynamic; ///< by AlterConfigs on the node, above `given`

  friend bool operator==(const node_settings&, const node_settings&) = default;
};

} // namespace chisme
