// What one can ask a partition. Plain structs; each carries the reply that it is owed.
//
// The one who asks is a session on an io thread, the coordinator, or (later) another replica. An answer of code
// not_leader_or_follower means "not here (any more)": ask Metadata again.
#pragma once

#include "actors/log/read_memory.hpp"
#include "actors/reply.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/payload.hpp"

#include <string>
#include <vector>

namespace chisme::partition {

/// Produce's acks.
enum class acks : int8_t {
  all = -1,   ///< answered when committed: synced on a majority of the replicas
  none = 0,   ///< as leader; the client is not told, but its session counts what is in flight and closes on failure
  leader = 1, ///< answered after the local append; in a group of one replica when it can be read, as with `all`
};

struct record_error {
  int32_t batch_index = 0;
  std::string message;
};

struct append_result {
  error_code code = error_code::none;
  std::string message;
  offset_t base_offset = -1;
  timestamp_ms log_append_time = -1; ///< only where the topic stamps the time of the append
  offset_t log_start_offset = -1;
  std::vector<record_error> record_errors;

  static append_result failed(error_code code, std::string message = {}) {
    append_result r;
    r.code = code;
    r.message = std::move(message);
    return r;
  }
  static append_result lost() {
    return failed(error_code::not_leader_or_follower, "the partition stopped before it answered");
  }
};

/// One partition's part of a Produce request: exactly one record batch, as the client sent it.
struct append_request {
  buffer records;
  int16_t produce_version = 3; ///< codecs and error details depend on it
  acks required = acks::all;
  reply<append_result> done;
  /// The leader epoch that it was decided in, by who had read all that the log held then. In another epoch it is
  /// refused: it may contradict what has been appended since. -1: it goes with each.
  leader_epoch_t decided_in = -1;
};

/// All appends for one partition that one burst of a connection brought.
struct append_batch {
  std::vector<append_request> requests;
};

/// Somebody who waits for more committed records. Called from the partition's thread.
class read_waiter {
public:
  virtual ~read_waiter() = default;
  /// `bytes` more were committed behind the offset that was read. Returns whether to keep waiting.
  virtual bool committed(uint64_t bytes) = 0;
  /// Nothing will be committed here any more: the partition was deleted, or it stopped. Last call.
  virtual void failed(error_code why) = 0;
  /// True once nobody needs the answer any more: the partition forgets the waiter when it sees that.
  virtual bool expired() const = 0;
};

struct read_result {
  error_code code = error_code::none;
  std::string message;
  payload records; ///< whole batches, the first contains the offset that was asked for
  offset_t high_watermark = -1;
  offset_t last_stable_offset = -1;
  offset_t log_start_offset = -1;
  offset_t log_end_offset = -1; ///< of a read of_replica: where the replica's log ends, committed or not
  offset_t next_offset = 0;     ///< where to read on
  leader_epoch_t current_leader_epoch = -1;
  /// Set where the reader's log ends in an epoch that this log does not have (KIP-320): truncate to here.
  leader_epoch_t diverging_epoch = -1;
  offset_t diverging_end_offset = -1;

  static read_result failed(error_code code, std::string message = {}) {
    read_result r;
    r.code = code;
    r.message = std::move(message);
    return r;
  }
  static read_result lost() { return failed(error_code::not_leader_or_follower); }
};

struct read_request {
  offset_t offset = 0;
  int32_t max_bytes = 1 << 20;
  bool min_one_batch = true;                  ///< at least one batch, even when it is larger than max_bytes
  bool of_replica = false;                    ///< also from a follower, up to what it knows as committed
  leader_epoch_t current_leader_epoch = -1;   ///< what the client believes; -1: no opinion
  leader_epoch_t last_fetched_epoch = -1;     ///< -1: no opinion
  std::shared_ptr<log::answer_memory> memory; ///< for the records; null: there is always some
  std::shared_ptr<read_waiter> waiter;        ///< kept when the read reaches the end of what is committed
  reply<read_result> done;
};

struct offset_result {
  error_code code = error_code::none;
  offset_t offset = -1;
  timestamp_ms timestamp = -1;
  leader_epoch_t leader_epoch = -1;

  static offset_result failed(error_code code) { return {code, -1, -1, -1}; }
  static offset_result lost() { return failed(error_code::not_leader_or_follower); }
};

/// ListOffsets: a time, or one of Kafka's special values.
struct list_offset_request {
  static constexpr timestamp_ms latest = -1;
  static constexpr timestamp_ms earliest = -2;
  static constexpr timestamp_ms max_timestamp = -3;
  static constexpr timestamp_ms earliest_local = -4;
  static constexpr timestamp_ms latest_tiered = -5;
  static constexpr timestamp_ms earliest_pending_upload = -6;

  timestamp_ms timestamp = latest;
  leader_epoch_t current_leader_epoch = -1;
  reply<offset_result> done;
};

struct epoch_end_result {
  error_code code = error_code::none;
  leader_epoch_t leader_epoch = -1;
  offset_t end_offset = -1;

  static epoch_end_result failed(error_code code) { return {code, -1, -1}; }
  static epoch_end_result lost() { return failed(error_code::not_leader_or_follower); }
};

/// OffsetForLeaderEpoch: where did this epoch end?
struct epoch_end_request {
  leader_epoch_t epoch = -1;
  leader_epoch_t current_leader_epoch = -1;
  reply<epoch_end_result> done;
};

struct delete_records_result {
  error_code code = error_code::none;
  offset_t low_watermark = -1;

  static delete_records_result failed(error_code code) { return {code, -1}; }
  static delete_records_result lost() { return failed(error_code::not_leader_or_follower); }
};

struct delete_records_request {
  offset_t before = 0; ///< -1: the high watermark
  reply<delete_records_result> done;
};

struct describe_result {
  error_code code = error_code::none;
  int64_t size_bytes = 0;
  offset_t start_offset = 0;
  offset_t end_offset = 0;

  static describe_result lost() { return {error_code::kafka_storage_error, 0, 0, 0}; }
};

struct describe_request {
  reply<describe_result> done;
};

} // namespace chisme::partition
