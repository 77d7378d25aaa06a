// The rows for topics. Names, defaults and bounds are Kafka's
// (org.apache.kafka.storage.internals.log.LogConfig, ServerTopicConfigSynonyms) where nothing else is said.

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;

constexpr auto topic = option_scope::topic;
using names = std::string_view;

constexpr names segment_bytes[] = {"log.segment.bytes"};
constexpr names segment_ms[] = {"log.roll.ms", "log.roll.hours"};
constexpr names index_interval[] = {"log.index.interval.bytes"};
constexpr names message_bytes[] = {"message.max.bytes"};
constexpr names retention_ms[] = {"log.retention.ms", "log.retention.minutes", "log.retention.hours"};
constexpr names retention_bytes[] = {"log.retention.bytes"};
constexpr names cleanup[] = {"log.cleanup.policy"};
constexpr names delete_retention[] = {"log.cleaner.delete.retention.ms"};
constexpr names min_lag[] = {"log.cleaner.min.compaction.lag.ms"};
constexpr names max_lag[] = {"log.cleaner.max.compaction.lag.ms"};
constexpr names dirty_ratio[] = {"log.cleaner.min.cleanable.ratio"};
constexpr names delete_delay[] = {"log.segment.delete.delay.ms"};
constexpr names compression[] = {"compression.type"};
constexpr names gzip_level[] = {"compression.gzip.level"};
constexpr names lz4_level[] = {"compression.lz4.level"};
constexpr names zstd_level[] = {"compression.zstd.level"};
constexpr names timestamp[] = {"log.message.timestamp.type"};
constexpr names timestamp_before[] = {"log.message.timestamp.before.max.ms"};
constexpr names timestamp_after[] = {"log.message.timestamp.after.max.ms"};
constexpr names min_insync[] = {"min.insync.replicas"};
constexpr names flush[] = {"log.flush"};

/// As Kafka's ThrottledReplicaListValidator: "0:1", or "*" alone.
result<void> check_throttled_replicas(option_target, const option_value& value) {
  const auto& words = std::get<std::vector<std::string>>(value);
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  for (std::string_view word : words) {
    const auto colon = word.find(':');
    const bool pair =
      colon != std::string_view::npos && is_number(word.substr(0, colon)) && is_number(word.substr(colon + 1));
    if (!pair && !(word == "*" && words.size() == 1))
      return fail(error_code::invalid_config, "\"" + std::string{word} + "\" is not a pair partition:node");
  }
  return {};
}

// All that Kafka 4.4 lets a topic have (LogConfig), without its internal.segment.bytes, and log.flush.
//
// segment.bytes: Kafka's bound before KIP-1030 (4.0 raised it to 1 MiB), since small segments are what tests
// want.
// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "cleanup.policy",
     .type = list,
     .scope = topic,
     .fallback = "delete",
     .choices = cleanup_policies,
     .inherits = cleanup,
     .doc = "What happens to old records: delete by age and size, compact to the last of each key, both, or "
            "nothing.",
     .store = store_cleanup_policy,
     .may_be_empty = true},
    {.name = "compression.gzip.level",
     .type = int32,
     .scope = topic,
     .fallback = "-1",
     .min = -1,
     .max = 9,
     .inherits = gzip_level,
     .doc = "The level where batches are kept in gzip and their producer chose otherwise: 1 to 9, or -1 for "
            "zlib's own choice.",
     .store = level_into<&compression_levels::gzip>},
    {.name = "compression.lz4.level",
     .type = int32,
     .scope = topic,
     .fallback = "9",
     .min = 1,
     .max = 17,
     .inherits = lz4_level,
     .doc = "The level where batches are kept in lz4 and their producer chose otherwise. As in Kafka, 9 is the "
            "fast compressor; any other is that level of the thorough one, which has 3 to 12.",
     .store = level_into<&compression_levels::lz4>},
    {.name = "compression.type",
     .type = string,
     .scope = topic,
     .fallback = "producer",
     .choices = compressions,
     .inherits = compression,
     .doc = "The codec that batches are kept in; producer keeps what the producer chose.",
     .store = choice_into<&topic_settings::compression, compressions>},
    {.name = "compression.zstd.level",
     .type = int32,
     .scope = topic,
     .fallback = "3",
     .min = -131072,
     .max = 22,
     .inherits = zstd_level,
     .doc = "The level where batches are kept in zstd and their producer chose otherwise.",
     .store = level_into<&compression_levels::zstd>},
    {.name = "delete.retention.ms",
     .type = int64,
     .scope = topic,
     .fallback = "86400000",
     .min = 0,
     .inherits = delete_retention,
     .doc = "How long a compacted topic keeps tombstones.",
     .store = into<&topic_settings::delete_retention_ms>},
    {.name = "errors.deadletterqueue.group.enable",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Kept and shown, without effect: there are no share groups here."},
    {.name = "file.delete.delay.ms",
     .type = int64,
     .scope = topic,
     .fallback = "60000",
     .min = 0,
     .inherits = delete_delay,
     .doc = "Accepted for Kafka's tools and without effect: the files of a dropped segment go at once, and who is being"
            " sent a part of one is not disturbed."},
    {.name = "flush.messages",
     .type = int64,
     .scope = topic,
     .fallback = "9223372036854775807",
     .min = 0,
     .doc = "Accepted for Kafka's tools and without effect: log.flush says when records are synced."},
    {.name = "flush.ms",
     .type = int64,
     .scope = topic,
     .fallback = "9223372036854775807",
     .min = 0,
     .doc = "Accepted for Kafka's tools and without effect: log.flush says when records are synced."},
    {.name = "follower.replication.throttled.replicas",
     .type = list,
     .scope = topic,
     .fallback = "",
     .doc = "Kept and shown, without effect: pairs partition:node, or *.",
     .store = check_throttled_replicas,
     .may_be_empty = true},
    {.name = "index.interval.bytes",
     .type = int32,
     .scope = topic,
     .fallback = "4096",
     .min = 0,
     .inherits = index_interval,
     .doc = "Bytes of log between two entries of the sparse index.",
     .store = into<&topic_settings::index_interval_bytes>},
    {.name = "leader.replication.throttled.replicas",
     .type = list,
     .scope = topic,
     .fallback = "",
     .doc = "Kept and shown, without effect: pairs partition:node, or *.",
     .store = check_throttled_replicas,
     .may_be_empty = true},
    {.name = "local.retention.bytes",
     .type = int64,
     .scope = topic,
     .fallback = "-2",
     .min = -2,
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "local.retention.ms",
     .type = int64,
     .scope = topic,
     .fallback = "-2",
     .min = -2,
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "log.flush",
     .type = string,
     .scope = topic,
     .fallback = "sync",
     .choices = flush_modes,
     .inherits = flush,
     .doc = "sync: a record is acknowledged when it is on disk (acks=all, and acks=1 where there is one "
            "replica); lazy: at once, and a power loss may take the last ones.",
     .store = choice_into<&topic_settings::flush, flush_modes>},
    {.name = "max.compaction.lag.ms",
     .type = int64,
     .scope = topic,
     .fallback = "9223372036854775807",
     .min = 1,
     .inherits = max_lag,
     .doc = "The longest time that a record may stay out of compaction.",
     .store = into<&topic_settings::max_compaction_lag_ms>},
    {.name = "max.decompressed.message.bytes",
     .type = int32,
     .scope = topic,
     .fallback = "2147483639",
     .min = 1,
     .max = 2147483639,
     .doc = "The most that a compressed record batch may become when it is decompressed. Whatever is set, no more than "
            "32 times max.message.bytes (1 MiB where that is less), and no more than 64 MiB.",
     .store = into<&topic_settings::max_decompressed_bytes>},
    {.name = "max.message.bytes",
     .type = int32,
     .scope = topic,
     .fallback = "1048588",
     .min = 0,
     .inherits = message_bytes,
     .doc = "The largest record batch, as it is on the wire.",
     .store = into<&topic_settings::max_message_bytes>},
    {.name = "message.timestamp.after.max.ms",
     .type = int64,
     .scope = topic,
     .fallback = "3600000",
     .min = 0,
     .inherits = timestamp_after,
     .doc = "How far a record's time may be ahead of the node's clock.",
     .store = into<&topic_settings::timestamp_after_max_ms>},
    {.name = "message.timestamp.before.max.ms",
     .type = int64,
     .scope = topic,
     .fallback = "9223372036854775807",
     .min = 0,
     .inherits = timestamp_before,
     .doc = "How far a record's time may be behind the node's clock.",
     .store = into<&topic_settings::timestamp_before_max_ms>},
    {.name = "message.timestamp.type",
     .type = string,
     .scope = topic,
     .fallback = "CreateTime",
     .choices = timestamp_types,
     .inherits = timestamp,
     .doc = "Whether records keep the producer's time or get the time at which they were appended.",
     .store = choice_into<&topic_settings::timestamps, timestamp_types>},
    {.name = "min.cleanable.dirty.ratio",
     .type = real,
     .scope = topic,
     .fallback = "0.5",
     .min = 0,
     .max = 1,
     .inherits = dirty_ratio,
     .doc = "The share of a compacted log that must be uncompacted before it is compacted again.",
     .store = into<&topic_settings::min_cleanable_dirty_ratio>},
    {.name = "min.compaction.lag.ms",
     .type = int64,
     .scope = topic,
     .fallback = "0",
     .min = 0,
     .inherits = min_lag,
     .doc = "How long a record is left out of compaction.",
     .store = into<&topic_settings::min_compaction_lag_ms>},
    {.name = "min.insync.replicas",
     .type = int32,
     .scope = topic,
     .fallback = "1",
     .min = 1,
     .inherits = min_insync,
     .doc = "How many replicas must have a record before acks=all is answered.",
     .store = into<&topic_settings::min_insync_replicas>},
    {.name = "preallocate",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Accepted for Kafka's tools and without effect."},
    {.name = "remote.copy.lag.bytes",
     .type = int64,
     .scope = topic,
     .fallback = "-1",
     .min = -1,
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "remote.copy.lag.ms",
     .type = int64,
     .scope = topic,
     .fallback = "0",
     .min = -1,
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "remote.log.copy.disable",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "remote.log.delete.on.disable",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "remote.storage.enable",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Kept and shown, without effect: nothing is tiered here."},
    {.name = "retention.bytes",
     .type = int64,
     .scope = topic,
     .fallback = "-1",
     .inherits = retention_bytes,
     .doc = "The size above which a partition drops its oldest segments; -1 or any number below 0: no limit.",
     .store = into<&topic_settings::retention_bytes>},
    {.name = "retention.ms",
     .type = int64,
     .scope = topic,
     .fallback = "604800000",
     .min = -1,
     .inherits = retention_ms,
     .doc = "The age at which records are dropped; -1: no limit.",
     .store = into<&topic_settings::retention_ms>},
    {.name = "segment.bytes",
     .type = int32,
     .scope = topic,
     .fallback = "1073741824",
     .min = 14,
     .inherits = segment_bytes,
     .doc = "The size at which a log file is closed and the next one begun.",
     .store = into<&topic_settings::segment_bytes>},
    {.name = "segment.index.bytes",
     .type = int32,
     .scope = topic,
     .fallback = "10485760",
     .min = 4,
     .doc = "Accepted for Kafka's tools and without effect: indexes grow as they need."},
    {.name = "segment.jitter.ms",
     .type = int64,
     .scope = topic,
     .fallback = "0",
     .min = 0,
     .doc = "Accepted for Kafka's tools and without effect."},
    {.name = "segment.ms",
     .type = int64,
     .scope = topic,
     .fallback = "604800000",
     .min = 1,
     .inherits = segment_ms,
     .doc = "The age at which a log file is closed even if it is not full.",
     .store = into<&topic_settings::segment_ms>},
    {.name = "unclean.leader.election.enable",
     .type = boolean,
     .scope = topic,
     .fallback = "false",
     .doc = "Accepted for Kafka's tools and without effect: a replica without all acknowledged records never "
            "leads."},
};
// clang-format on

} // namespace

std::span<const option> rows::of_topics() { return rows_; }

} // namespace chisme
