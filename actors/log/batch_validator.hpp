// What a leader demands of the batch that a client produces, and what it changes about it.
//
// The rules and their order are Kafka's (LogValidator). Where this one decides for itself: uncompressed batches are
// always walked record by record. Compressed ones are decompressed only where an answer depends on it: the topic is
// compacted (every record needs a key), the topic wants another codec, or `strict` asks for it. Otherwise the
// timestamp bounds are checked with the header's largest timestamp, and a payload that does not decompress is found
// by its consumers. Nothing is allocated per record.
#pragma once

#include "actors/log/compression.hpp"
#include "actors/log/record_batch.hpp"
#include "config/topic_settings.hpp"

#include <tl/expected.hpp>
#include <vector>

namespace chisme::log {

struct validation_rules {
  const topic_settings* settings = nullptr;
  int16_t produce_version = 13;
  /// Look into every batch, compressed or not.
  bool strict = false;
  size_t decompressed_limit = default_decompressed_limit;
};

/// One record that is to blame, for Produce's record_errors (version 8 on).
struct record_error {
  int32_t index = 0;
  std::string message;
  friend bool operator==(const record_error&, const record_error&) = default;
};

struct rejection {
  error why;
  std::vector<record_error> records;
};

/// A batch that may be appended.
struct batch_info {
  /// The fields as they shall be on disk, CRC included; base offset and epoch are the leader's to set.
  batch_header header;
  /// What follows the header. A view into the request, or into `rebuilt` where the topic wants another codec.
  bytes_view body;
  buffer rebuilt;
  /// For the answer: `now` where the topic stamps append time, otherwise -1.
  timestamp_ms log_append_time = -1;
};

/// `bytes` is what the client sent for one partition; it must outlive the result. `now` in milliseconds.
/// Codes: 87, 2, 10, 18, 32, 76 as section "Validation" of the protocol has them.
tl::expected<batch_info, rejection> validate(bytes_view bytes, const validation_rules& rules, timestamp_ms now);

} // namespace chisme::log
