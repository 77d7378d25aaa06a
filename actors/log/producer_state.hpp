// What a partition remembers of its idempotent producers (KIP-98): which batches are already in the log.
//
// A pure machine: the leader asks staged_producers before it appends, everything that is appended (by a leader, by a
// follower, while a log is opened) goes through update(). Its file is the producer snapshot.
//
// Producer ids are believed as they come, as Kafka does: a partition cannot know which ids a cluster has handed out
// (logs are restored and mirrored with ids of other clusters), and a producer that keeps its id must be able to go on.
// What makes invented ids harmless is the bound: at most `most` producers are remembered, the one that wrote longest
// ago gives way. One that comes back after that is taken for a new one, which may begin with any sequence number: the
// only thing lost is that a batch which it repeats just then would be stored twice. A producer in the middle of a
// transaction does not give way.
//
// Memory: about 130 bytes for a producer with one batch, 270 for one with five.
#pragma once

#include "actors/log/record_batch.hpp"
#include "messages/errors.hpp"

#include <algorithm>
#include <array>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>

namespace chisme::log {

/// One of a producer's last batches.
struct producer_batch {
  int32_t last_sequence = no_sequence;
  int32_t offset_delta = 0; ///< one less than the batch has sequence numbers, and offsets
  offset_t last_offset = -1;
  timestamp_ms timestamp = -1;

  int32_t first_sequence() const;
  offset_t first_offset() const { return last_offset - offset_delta; }
  friend bool operator==(const producer_batch&, const producer_batch&) = default;
};

/// The last batches of a producer, oldest first. Clients have at most five requests in flight, so five tell every
/// duplicate; most producers that a partition remembers wrote one.
class recent_batches {
public:
  static constexpr size_t most = 5;

  recent_batches() = default;
  recent_batches(const recent_batches& other);
  recent_batches(recent_batches&&) noexcept = default;
  recent_batches& operator=(recent_batches other) noexcept;

  /// The oldest gives way to the sixth.
  void add(const producer_batch& batch);
  void clear();
  std::span<const producer_batch> all() const { return {several_ ? several_->data() : &one_, count_}; }

private:
  using array = std::array<producer_batch, most>;

  producer_batch one_; ///< used while there is no more than one
  std::unique_ptr<array> several_;
  uint32_t count_ = 0;
};

/// One producer.
class producer_entry {
public:
  int64_t id = no_producer_id;
  int16_t epoch = -1;
  int32_t coordinator_epoch = -1;
  offset_t transaction_first_offset = -1; ///< of the open transaction, -1 for none
  timestamp_ms last_timestamp = -1;

  /// Adds a batch; a change of epoch forgets those before.
  void add(int16_t batch_epoch, const producer_batch& batch);
  /// Forgets batches from `offset` on. False where none is left of those that there were.
  bool cut_at(offset_t offset);
  /// Oldest first.
  std::span<const producer_batch> batches() const { return batches_.all(); }
  const producer_batch* last() const { return batches().empty() ? nullptr : &batches().back(); }
  bool in_transaction() const { return transaction_first_offset >= 0; }

  friend bool operator==(const producer_entry& a, const producer_entry& b);

private:
  recent_batches batches_;
};

/// Verdict on a batch: append it, or answer with what is already there.
struct append_it {};
struct duplicate_of {
  producer_batch batch;
};
using producer_verdict = std::variant<append_it, duplicate_of>;

class producer_state {
  /// Ordered, not hashed: clients choose their ids, and could choose them to collide.
  struct by_id {};
  struct by_use {};
  using entries = boost::multi_index_container<
    producer_entry,
    boost::multi_index::indexed_by<
      boost::multi_index::sequenced<boost::multi_index::tag<by_use>>,
      boost::multi_index::ordered_unique<boost::multi_index::tag<by_id>,
                                         boost::multi_index::member<producer_entry, int64_t, &producer_entry::id>>>>;

public:
  static constexpr size_t default_most = 10'000;

  explicit producer_state(size_t most = default_most) : most_(most) {}

  /// A batch is in the log.
  void update(const batch_header& batch);
  /// Forgets producers that wrote nothing for `expiration_ms` and have no open transaction; returns how many.
  size_t expire(timestamp_ms now, int64_t expiration_ms);
  void clear();

  /// As far as it was made by batches below `offset`: producers of which no such batch is remembered are left out.
  producer_state before(offset_t offset) const;

  bool empty() const { return producers_.empty(); }
  size_t size() const { return producers_.size(); }
  const producer_entry* find(int64_t producer_id) const;
  /// A range of producer_entry; the one that wrote longest ago comes first.
  const auto& producers() const { return producers_.get<by_use>(); }

  /// Kafka's snapshot file, version 1:
  ///   version:2 crc:4 count:4 (producer_id:8 epoch:2 last_sequence:4 last_offset:8 offset_delta:4 timestamp:8
  ///   coordinator_epoch:4 transaction_first_offset:8)*
  /// Kafka writes one entry a producer; this writes one for each remembered batch, oldest first. Kafka takes the
  /// last entry of a producer, we take all, and so know duplicates of all five across a restart.
  std::string snapshot() const;
  /// How long snapshot() is now.
  size_t snapshot_size() const;
  /// The reverse; kafka_storage_error naming `path` where it is damaged or newer.
  static result<producer_state> load(std::string_view snapshot, const std::string& path, size_t most = default_most);

  /// Whether they remember the same, in whatever order.
  friend bool operator==(const producer_state& a, const producer_state& b);

private:
  using used_iterator = entries::index<by_use>::type::iterator;

  /// How many entries of the snapshot a producer takes: one of which only the epoch is known (after a transaction
  /// marker) is written as one batch at -1.
  static size_t snapshot_entries(const producer_entry& p) { return std::max<size_t>(1, p.batches().size()); }
  used_iterator forget(used_iterator it);
  /// Calls `change` on the producer's entry, a new one where there is none, which is the last used one then.
  template <class F>
  void use(int64_t producer_id, F change);
  void keep_to_bound();

  size_t most_;
  size_t batches_ = 0; ///< snapshot_entries() of all
  entries producers_;
};

template <class F>
void producer_state::use(int64_t producer_id, F change) {
  auto& used = producers_.get<by_use>();
  auto known = producers_.get<by_id>().find(producer_id);
  if (known == producers_.get<by_id>().end()) {
    producer_entry fresh;
    fresh.id = producer_id;
    used.push_back(std::move(fresh));
    batches_ += snapshot_entries(used.back());
    known = producers_.get<by_id>().find(producer_id);
  }
  const auto at = producers_.project<by_use>(known);
  used.relocate(used.end(), at);
  batches_ -= snapshot_entries(*at);
  used.modify(at, change);
  batches_ += snapshot_entries(*at);
}

/// Batches that are checked one after the other before any of them is appended: each counts for those behind it.
/// Work for a batch does not depend on how many there are.
class staged_producers {
public:
  /// `known` must not change meanwhile.
  explicit staged_producers(const producer_state& known) : known_(&known) {}

  /// The rules for a batch that a client sent (its base offset does not matter). Batches without a producer id always
  /// pass. Errors: 47 old epoch, 45 sequence out of order, 48 plain batch inside an open transaction.
  result<producer_verdict> check(const batch_header& batch) const;
  /// The batch, with its offset, is going to be appended.
  void stage(const batch_header& batch);

private:
  const producer_entry* find(int64_t producer_id) const;

  const producer_state* known_;
  std::map<int64_t, producer_entry> changed_; ///< as they are going to be
};

} // namespace chisme::log
