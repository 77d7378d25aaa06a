// The rows for nodes: who they are, where they keep data, and the defaults for topics. Names, defaults and
// bounds are Kafka's (org.apache.kafka.server.config, ServerLogConfigs, CleanerConfig) where the help text
// does not say otherwise.

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;
using enum option_scope;

result<void> read_endpoints(const option_value& value, std::vector<endpoint>& into) {
  std::vector<endpoint> endpoints;
  for (auto& text : std::get<std::vector<std::string>>(value)) {
    auto e = parse_endpoint(text);
    if (!e)
      return tl::make_unexpected(e.error());
    endpoints.push_back(std::move(*e));
  }
  into = std::move(endpoints);
  return {};
}

result<void> store_listeners(option_target target, const option_value& value) {
  return read_endpoints(value, target.node->listeners);
}

result<void> store_advertised(option_target target, const option_value& value) {
  std::vector<endpoint> endpoints;
  auto read = read_endpoints(value, endpoints);
  if (!read)
    return read;
  for (auto& e : endpoints)
    if (is_wildcard(e) || e.port == 0)
      return fail(error_code::invalid_config,
                  "clients cannot connect to \"" + to_string(e) + "\": name a host and a port that they can reach");
  target.node->advertised_listeners = std::move(endpoints);
  return {};
}

result<void> store_data_dir(option_target target, const option_value& value) {
  auto& path = std::get<std::string>(value);
  if (path.empty() || path.find(',') != std::string::npos)
    return fail(error_code::invalid_config, "\"" + path + "\" is not one folder: a node keeps all its data in one");
  target.node->data_dir = path;
  return {};
}

/// Kafka's cluster ids are 22 characters of URL-safe base64; any such text of a bounded length will do.
result<void> store_cluster_id(option_target target, const option_value& value) {
  auto& id = std::get<std::string>(value);
  auto odd = id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
  if (id.empty() || id.size() > 64 || odd != std::string::npos)
    return fail(error_code::invalid_config, "\"" + id + "\" is not 1 to 64 letters, digits, '_' and '-'");
  target.node->cluster_id = id;
  return {};
}

// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "listeners",
     .type = list,
     .scope = node_fixed,
     .fallback = "PLAINTEXT://127.0.0.1:9092",
     .doc = "Where clients connect. No host: every interface; port 0: the system chooses one.",
     .store = store_listeners},
    {.name = "advertised.listeners",
     .type = list,
     .scope = node_fixed,
     .fallback = {},
     .doc = "What clients are told to connect to, where that differs from listeners.",
     .store = store_advertised},
    {.name = "node.id",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1",
     .min = 0,
     .doc = "The node's number in its cluster; stays with its data folder.",
     .store = into<&node_settings::node_id>},
    {.name = "cluster.id",
     .type = string,
     .scope = node_fixed,
     .fallback = {},
     .doc =
         "The cluster's name; made up at the first start where it is not given, and kept in the data folder.",
     .store = store_cluster_id},
    {.name = "log.dir",
     .type = string,
     .scope = node_fixed,
     .fallback = "./chisme-data",
     .doc = "The folder of all that the node keeps.",
     .store = store_data_dir},
    {.name = "log.dirs",
     .type = string,
     .scope = node_fixed,
     .fallback = {},
     .doc = "As log.dir, and wins over it; one folder only.",
     .store = store_data_dir},
    {.name = "log.level",
     .type = string,
     .scope = node_dynamic,
     .fallback = "info",
     .choices = log_levels,
     .doc = "How much the node tells on stderr.",
     .store = choice_into<&node_settings::level, log_levels>},

    {.name = "auto.create.topics.enable",
     .type = boolean,
     .scope = node_fixed,
     .fallback = "true",
     .doc = "A topic that a client asks for and that does not exist is created.",
     .store = into<&node_settings::auto_create_topics>},
    {.name = "delete.topic.enable",
     .type = boolean,
     .scope = node_fixed,
     .fallback = "true",
     .doc = "Topics may be deleted.",
     .store = into<&node_settings::delete_topics>},
    {.name = "num.partitions",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1",
     .min = 1,
     .max = 100'000,
     .doc = "Partitions of a topic that is created without saying how many.",
     .store = into<&node_settings::num_partitions>},
    {.name = "default.replication.factor",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1",
     .min = 1,
     .max = 1000,
     .doc = "Replicas of a topic that is created without saying how many. Where it is not set: as many as there are "
            "nodes, up to 3.",
     .store = into<&node_settings::default_replication_factor>},
    {.name = "min.insync.replicas",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "1",
     .min = 1,
     .doc = "How many replicas must have a record before acks=all is answered.",
     .store = into<&topic_settings::min_insync_replicas>},
    {.name = "message.max.bytes",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "1048588",
     .min = 0,
     .doc = "The largest record batch, as it is on the wire.",
     .store = into<&topic_settings::max_message_bytes>},
    {.name = "compression.type",
     .type = string,
     .scope = node_dynamic,
     .fallback = "producer",
     .choices = compressions,
     .doc = "The codec that batches are kept in; producer keeps what the producer chose.",
     .store = choice_into<&topic_settings::compression, compressions>},
    {.name = "compression.gzip.level",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "-1",
     .min = -1,
     .max = 9,
     .doc = "The level where the node compresses with gzip itself: 1 to 9, or -1 for zlib's own choice.",
     .store = level_into<&compression_levels::gzip>},
    {.name = "compression.lz4.level",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "9",
     .min = 1,
     .max = 17,
     .doc = "The level where the node compresses with lz4 itself; 9 is the fast compressor.",
     .store = level_into<&compression_levels::lz4>},
    {.name = "compression.zstd.level",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "3",
     .min = -131072,
     .max = 22,
     .doc = "The level where the node compresses with zstd itself.",
     .store = level_into<&compression_levels::zstd>},

    {.name = "log.flush",
     .type = string,
     .scope = node_dynamic,
     .fallback = "sync",
     .choices = flush_modes,
     .doc = "sync: a record is acknowledged when it is on disk (acks=all, and acks=1 where there is one "
            "replica); lazy: at once, and a power loss may take the last ones.",
     .store = choice_into<&topic_settings::flush, flush_modes>},
    {.name = "log.segment.bytes",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "1073741824",
     .min = 14,
     .doc = "The size at which a log file is closed and the next one begun.",
     .store = into<&topic_settings::segment_bytes>},
    {.name = "log.roll.hours",
     .type = int32,
     .scope = node_fixed,
     .fallback = "168",
     .min = 1,
     .doc = "The age at which a log file is closed even if it is not full.",
     .store = ms_into<&topic_settings::segment_ms, ms_per_hour>},
    {.name = "log.roll.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = {},
     .min = 1,
     .doc = "As log.roll.hours, in milliseconds; wins over it.",
     .store = into<&topic_settings::segment_ms>},
    {.name = "log.retention.hours",
     .type = int32,
     .scope = node_fixed,
     .fallback = "168",
     .min = -1,
     .doc = "The age at which records are dropped; -1: no limit.",
     .store = ms_into<&topic_settings::retention_ms, ms_per_hour>},
    {.name = "log.retention.minutes",
     .type = int32,
     .scope = node_fixed,
     .fallback = {},
     .min = -1,
     .doc = "As log.retention.hours, in minutes; wins over it.",
     .store = ms_into<&topic_settings::retention_ms, ms_per_minute>},
    {.name = "log.retention.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = {},
     .min = -1,
     .doc = "As log.retention.hours, in milliseconds; wins over hours and minutes.",
     .store = into<&topic_settings::retention_ms>},
    {.name = "log.retention.bytes",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "-1",
     .min = -1,
     .doc = "The size above which a partition drops its oldest segments; -1: no limit.",
     .store = into<&topic_settings::retention_bytes>},
    {.name = "log.retention.check.interval.ms",
     .type = int64,
     .scope = node_fixed,
     .fallback = "300000",
     .min = 1,
     .doc = "How often a node looks for segments to drop.",
     .store = into<&node_settings::retention_check_interval_ms>},
    {.name = "log.segment.delete.delay.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "60000",
     .min = 0,
     .doc = "Accepted for Kafka's tools and without effect: the files of a dropped segment go at once."},
    {.name = "log.index.interval.bytes",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "4096",
     .min = 0,
     .doc = "Bytes of log between two entries of the sparse index.",
     .store = into<&topic_settings::index_interval_bytes>},
    {.name = "log.message.timestamp.type",
     .type = string,
     .scope = node_dynamic,
     .fallback = "CreateTime",
     .choices = timestamp_types,
     .doc = "Whether records keep the producer's time or get the time of their append.",
     .store = choice_into<&topic_settings::timestamps, timestamp_types>},
    {.name = "log.message.timestamp.before.max.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "9223372036854775807",
     .min = 0,
     .doc = "How far a record's time may be behind the node's clock.",
     .store = into<&topic_settings::timestamp_before_max_ms>},
    {.name = "log.message.timestamp.after.max.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "3600000",
     .min = 0,
     .doc = "How far a record's time may be ahead of the node's clock.",
     .store = into<&topic_settings::timestamp_after_max_ms>},
    {.name = "log.cleanup.policy",
     .type = list,
     .scope = node_dynamic,
     .fallback = "delete",
     .choices = cleanup_policies,
     .doc = "What happens to old records: delete, compact, both, or nothing.",
     .store = store_cleanup_policy,
     .may_be_empty = true},
    {.name = "log.cleaner.enable",
     .type = boolean,
     .scope = node_fixed,
     .fallback = "true",
     .doc = "Compacted topics are compacted, the brokers' own too.",
     .store = into<&node_settings::cleaner_enabled>},
    {.name = "log.cleaner.backoff.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "15000",
     .min = 0,
     .doc = "How often a node looks for logs to compact.",
     .store = into<&node_settings::cleaner_backoff_ms>},
    {.name = "log.cleaner.delete.retention.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "86400000",
     .min = 0,
     .doc = "How long a compacted topic keeps tombstones.",
     .store = into<&topic_settings::delete_retention_ms>},
    {.name = "log.cleaner.min.compaction.lag.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "0",
     .min = 0,
     .doc = "How long a record is left out of compaction.",
     .store = into<&topic_settings::min_compaction_lag_ms>},
    {.name = "log.cleaner.max.compaction.lag.ms",
     .type = int64,
     .scope = node_dynamic,
     .fallback = "9223372036854775807",
     .min = 1,
     .doc = "The longest time that a record may stay out of compaction.",
     .store = into<&topic_settings::max_compaction_lag_ms>},
    {.name = "log.cleaner.min.cleanable.ratio",
     .type = real,
     .scope = node_dynamic,
     .fallback = "0.5",
     .min = 0,
     .max = 1,
     .doc = "The share of a compacted log that must be uncompacted before it is compacted again.",
     .store = into<&topic_settings::min_cleanable_dirty_ratio>},
    {.name = "producer.id.expiration.ms",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "86400000",
     .min = 1,
     .doc = "How long the state of an idempotent producer that is silent is kept.",
     .store = into<&node_settings::producer_id_expiration_ms>},
    {.name = "max.producer.ids.per.partition",
     .type = int32,
     .scope = node_fixed,
     .fallback = "10000",
     .min = 1,
     .max = 10'000'000,
     .doc = "How many idempotent producers a partition remembers, in about 130 to 270 bytes each. The one that wrote "
            "longest ago gives way to a new one; a batch that it sends again after that is not recognised, and stored "
            "twice.",
     .store = into<&node_settings::producer_ids_per_partition>},
};
// clang-format on

} // namespace

std::span<const option> rows::of_nodes() { return rows_; }

} // namespace chisme
