// One write's worth of appends: checks each batch, gives it its offset and epoch, and says who is owed which answer.
// Pure: writing what was staged is the caller's.
//
// Record bytes are not touched: what changes is the 61-byte header, of which the log writes its own copy.
#pragma once

#include "actors/log/batch_validator.hpp"
#include "actors/log/partition_log.hpp"
#include "actors/log/producer_state.hpp"
#include "actors/partition/messages.hpp"
#include "config/topic_settings.hpp"

#include <vector>

namespace chisme::partition {

class append_stage {
public:
  /// What appends are checked against. `next_offset`: the end of the log.
  struct context {
    const topic_settings& settings;
    const log::producer_state& producers;
    leader_epoch_t epoch;
    offset_t next_offset;
    offset_t log_start;
    timestamp_ms now;
    int32_t in_sync_replicas = 1; ///< that have what is committed, this one among them
  };

  explicit append_stage(const context& c) : context_(c), next_offset_(c.next_offset), producers_(c.producers) {}

  /// Stages the batch, or answers at once with what is wrong with it. One that nobody waits for any more is dropped,
  /// unless nobody ever did (acks=0).
  void add(append_request& request);

  /// Looking at what was added has taken long enough: others want their turn.
  bool is_full() const { return cost_ >= cost_at_most; }

  /// The batches to write, in order; views that live as long as the stage.
  std::span<const log::stamped_batch> batches() const { return batches_; }
  uint64_t bytes() const { return bytes_; }

  /// Who is owed an answer, in order. A repeated batch of an idempotent producer is owed the answer that the first
  /// one got, once that one is committed.
  struct owed {
    offset_t end_offset;
    acks required;
    append_result answer;
    reply<append_result> done;
  };
  std::vector<owed> take_owed() { return std::move(owed_); }

private:
  /// Some ten milliseconds. Bytes that were walked over, or as much work.
  static constexpr uint64_t cost_at_most = 16 << 20;

  void stage(log::batch_info&& valid, append_request& request);
  void stage_duplicate(const log::producer_batch& original, append_request& request);

  context context_;
  offset_t next_offset_;
  uint64_t bytes_ = 0;
  uint64_t cost_ = 0;
  std::vector<log::stamped_batch> batches_;
  log::staged_producers producers_;
  std::vector<buffer> alive_; // what batches_ points into
  std::vector<owed> owed_;
};

} // namespace chisme::partition
