// What can be set for one topic: Kafka's topic configs as a plain struct with Kafka's defaults.
// The options table (config/options.hpp) is where names, bounds and help texts are; this is what the code reads.
#pragma once

#include <cstdint>
#include <limits>

namespace chisme {

inline constexpr int64_t no_limit = -1;

/// When an append counts as durable. `sync`: after fdatasync (shared by all that waits); `lazy`: at once, the
/// operating system writes back when it likes: a power loss may take what was acknowledged last.
enum class flush_mode : uint8_t { sync, lazy };

/// compression.type: `producer` keeps what the producer chose.
enum class topic_compression : uint8_t { producer, none, gzip, snappy, lz4, zstd };

/// How hard the broker tries where it compresses itself: where compression.type is another codec than the producer's.
struct compression_levels {
  static constexpr int32_t gzip_default = -1; ///< zlib's own choice
  static constexpr int32_t lz4_default = 9;   ///< stands for the fast compressor, as in Kafka
  static constexpr int32_t zstd_default = 3;

  int32_t gzip = gzip_default; ///< 1 to 9, or gzip_default
  int32_t lz4 = lz4_default;   ///< 1 to 17
  int32_t zstd = zstd_default; ///< -131072 to 22

  friend bool operator==(const compression_levels&, const compression_levels&) = default;
};

enum class timestamp_type : uint8_t { create_time, log_append_time };

struct topic_settings {
  int64_t segment_bytes = 1 << 30;                  ///< segment.bytes
  int64_t segment_ms = 7ll * 24 * 3600 * 1000;      ///< segment.ms
  int64_t index_interval_bytes = 4096;              ///< index.interval.bytes
  int64_t max_message_bytes = 1048588;              ///< max.message.bytes: a whole batch, with its prefix
  int64_t max_decompressed_bytes = 2147483639;      ///< max.decompressed.message.bytes: its records, decompressed
  int64_t retention_ms = 7ll * 24 * 3600 * 1000;    ///< retention.ms, no_limit
  int64_t retention_bytes = no_limit;               ///< retention.bytes, no_limit
  bool cleanup_delete = true;                       ///< cleanup.policy contains "delete"
  bool cleanup_compact = false;                     ///< cleanup.policy contains "compact"
  int64_t delete_retention_ms = 24ll * 3600 * 1000; ///< delete.retention.ms: how long tombstones stay
  int64_t min_compaction_lag_ms = 0;                ///< min.compaction.lag.ms
  int64_t max_compaction_lag_ms = std::numeric_limits<int64_t>::max();   ///< max.compaction.lag.ms
  double min_cleanable_dirty_ratio = 0.5;                                ///< min.cleanable.dirty.ratio
  topic_compression compression = topic_compression::producer;           ///< compression.type
  compression_levels levels;                                             ///< compression.gzip.level and its like
  timestamp_type timestamps = timestamp_type::create_time;               ///< message.timestamp.type
  int64_t timestamp_before_max_ms = std::numeric_limits<int64_t>::max(); ///< message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3600 * 1000;                          ///< message.timestamp.after.max.ms
  int32_t min_insync_replicas = 1;                                       ///< min.insync.replicas
  flush_mode flush = flush_mode::sync;                                   ///< log.flush

  friend bool operator==(const topic_settings&, const topic_settings&) = default;
};

} // namespace chisme
