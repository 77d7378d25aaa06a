// What a partition remembers of its idempotent producers (KIP-98): which batches are already in the log.
//
// A pure machine: the leader asks check() before it appends, everything that is appended (by a leader, by a
// follower, while a log is opened) goes through update(). Its file is the producer snapshot.
#pragma once

#include "actors/log/record_batch.hpp"
#include "messages/errors.hpp"

#include <array>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace chisme::log {

/// One of a producer's last batches.
struct producer_batch {
  int32_t first_sequence = no_sequence;
  int32_t last_sequence = no_sequence;
  offset_t last_offset = -1;
  int32_t offset_delta = 0;
  timestamp_ms timestamp = -1;

  offset_t first_offset() const { return last_offset - offset_delta; }
  friend bool operator==(const producer_batch&, const producer_batch&) = default;
};

/// One producer. Clients have at most five requests in flight, so five batches tell every duplicate.
class producer_entry {
public:
  static constexpr size_t remembered = 5;

  int16_t epoch = -1;
  int32_t coordinator_epoch = -1;
  offset_t transaction_first_offset = -1; ///< of the open transaction, -1 for none
  timestamp_ms last_timestamp = -1;

  /// Adds a batch; the oldest gives way to the sixth, a change of epoch clears them.
  void add(int16_t batch_epoch, const producer_batch& batch);
  /// Oldest first.
  std::span<const producer_batch> batches() const { return {batches_.data(), count_}; }
  const producer_batch* last() const { return count_ == 0 ? nullptr : &batches_[count_ - 1]; }

  friend bool operator==(const producer_entry& a, const producer_entry& b);

private:
  std::array<producer_batch, remembered> batches_{};
  size_t count_ = 0;
};

/// Verdict on a batch: append it, or answer with what is already there.
struct append_it {};
struct duplicate_of {
  producer_batch batch;
};
using producer_verdict = std::variant<append_it, duplicate_of>;

class producer_state {
public:
  /// The rules for a batch that a client sent (its base offset does not matter). `staged` are batches that are
  /// about to be appended before it in the same write. Batches without a producer id always pass.
  /// Errors: 47 old epoch, 45 sequence out of order, 48 plain batch inside an open transaction.
  result<producer_verdict> check(const batch_header& batch, std::span<const batch_header> staged = {}) const;

  /// A batch is in the log.
  void update(const batch_header& batch);
  /// Forgets producers that wrote nothing for `expiration_ms` and have no open transaction; returns how many.
  size_t expire(timestamp_ms now, int64_t expiration_ms);
  void clear() { producers_.clear(); }

  bool empty() const { return producers_.empty(); }
  size_t size() const { return producers_.size(); }
  const producer_entry* find(int64_t producer_id) const;
  const std::unordered_map<int64_t, producer_entry>& producers() const { return producers_; }

  /// Kafka's snapshot file, version 1:
  ///   version:2 crc:4 count:4 (producer_id:8 epoch:2 last_sequence:4 last_offset:8 offset_delta:4 timestamp:8
  ///   coordinator_epoch:4 transaction_first_offset:8)*
  /// Kafka writes one entry a producer; this writes one for each remembered batch, oldest first. Kafka takes the
  /// last entry of a producer, we take all, and so know duplicates of all five across a restart.
  std::string snapshot() const;
  /// The reverse; kafka_storage_error naming `path` where it is damaged or newer.
  static result<producer_state> load(std::string_view snapshot, const std::string& path);

  friend bool operator==(const producer_state&, const producer_state&) = default;

private:
  std::unordered_map<int64_t, producer_entry> producers_;
};

} // namespace chisme::log
