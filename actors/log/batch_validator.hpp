// What a leader demands of the batch that a client produces, and what it changes about it.
//
// The rules and their order are Kafka's (LogValidator). What the header says of the records is never believed: every
// batch is walked record by record, a compressed one while it is decompressed, without keeping keys and values and
// without an allocation for each record.
//
//   count, lengths, the end of the block   refused where they disagree (87)
//   keys in a compacted topic, times       refused, naming the records to blame (87, 32)
//   largest timestamp                      put right in the header; clients exist that leave it out
//   offset deltas                          refused where they are wrong and the batch is compressed, or is going to be
//                                          (87); put right in others, which Kafka stores as they are
//   codec                                  the topic's, where it names one
//
// What a batch may cost is bounded by what it may be when it is decompressed: see most_decompressed().
//
// Stricter than Kafka: bytes behind the last frame of a compressed block (readers disagree about them), and the bits
// of the attributes that are the broker's to set.
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
};

/// Bytes that the records of a compressed batch may have: max.decompressed.message.bytes, and no more than a generous
/// multiple of what the topic takes without compression.
size_t most_decompressed(const topic_settings& settings);

/// One record that is to blame, for Produce's record_errors (version 8 on).
struct record_error {
  int32_t index = 0;
  std::string message;
  friend bool operator==(const record_error&, const record_error&) = default;
};

struct rejection {
  error why;
  std::vector<record_error> records;
  uint64_t cost = 0; ///< see batch_info
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
  /// What looking at the batch took, in bytes that were walked over or as much work.
  uint64_t cost = 0;
};

/// `bytes` is what the client sent for one partition; it must outlive the result. `now` in milliseconds.
/// Codes: 87, 2, 10, 18, 32, 76 as section "Validation" of the protocol has them.
tl::expected<batch_info, rejection> validate(bytes_view bytes, const validation_rules& rules, timestamp_ms now);

} // namespace chisme::log
