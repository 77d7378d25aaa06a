// What a leader answers from its log. The caller has checked that the asker may ask (replica::refuses).
#pragma once

#include "actors/log/partition_log.hpp"
#include "actors/partition/messages.hpp"

namespace chisme::partition {

/// How far a leader is.
struct standing {
  leader_epoch_t epoch = -1;
  offset_t high_watermark = 0;
};

/// Whole batches below the high watermark. Where the log could not be read, the result has a message.
read_result read(log::partition_log& log, const standing& now, const read_request& r);
/// Whether the answer to such a read reaches the end of what is committed: who wants more has to wait.
bool reaches_end(const read_request& r, const read_result& answer);
/// ListOffsets.
offset_result find_offset(log::partition_log& log, const standing& now, timestamp_ms timestamp);
/// OffsetForLeaderEpoch (KIP-101, KIP-279).
epoch_end_result find_epoch_end(const log::partition_log& log, const standing& now, leader_epoch_t epoch);

} // namespace chisme::partition
