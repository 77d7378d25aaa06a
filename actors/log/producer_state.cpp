#include "actors/log/producer_state.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// How long before now an entry with the log's own idea of time may lie is for expire() to decide; a batch without
/// timestamp keeps the one before.
void apply(producer_entry& entry, const batch_header& batch) {
  if (batch.is_control()) {
    // An end-of-transaction marker: its epoch counts, it has no sequence.
    if (batch.producer_epoch > entry.epoch)
      entry.add(batch.producer_epoch, {});
    entry.transaction_first_offset = -1;
  } else {
    entry.add(batch.producer_epoch, {batch.base_sequence, batch.last_sequence(), batch.last_offset(),
                                     batch.last_offset_delta, batch.max_timestamp});
    if (batch.is_transactional() && entry.transaction_first_offset < 0)
      entry.transaction_first_offset = batch.base_offset;
  }
  entry.last_timestamp = std::max(entry.last_timestamp, batch.max_timestamp);
}

std::string name_of(const batch_header& batch) {
  return "producer " + std::to_string(batch.producer_id) + ", epoch " + std::to_string(batch.producer_epoch);
}

tl::unexpected<error> out_of_order(const batch_header& batch, const std::string& expected) {
  return fail(error_code::out_of_order_sequence_number, name_of(batch) + ": sequence " +
                                                          std::to_string(batch.base_sequence) + " where " +
                                                          expected + " was expected");
}

result<producer_verdict> judge(const producer_entry& entry, const batch_header& batch) {
  if (batch.producer_epoch < entry.epoch)
    return fail(error_code::invalid_producer_epoch,
                name_of(batch) + ": a newer instance with epoch " + std::to_string(entry.epoch) + " has taken over");
  if (batch.producer_epoch > entry.epoch) {
    if (batch.base_sequence != 0 && entry.epoch >= 0)
      return out_of_order(batch, "0 for a new epoch");
    return append_it{};
  }
  for (const auto& known : entry.batches())
    if (known.first_sequence == batch.base_sequence && known.last_sequence == batch.last_sequence())
      return duplicate_of{known};
  if (entry.transaction_first_offset >= 0 && !batch.is_transactional())
    return fail(error_code::invalid_txn_state, name_of(batch) + ": has an open transaction here");
  const auto* last = entry.last();
  if (!last || last->last_sequence < 0)
    return append_it{};
  const auto expected = add_sequence(last->last_sequence, 1);
  if (batch.base_sequence != expected)
    return out_of_order(batch, std::to_string(expected));
  return append_it{};
}

} // namespace

void producer_entry::add(int16_t batch_epoch, const producer_batch& batch) {
  if (batch_epoch != epoch) {
    epoch = batch_epoch;
    count_ = 0;
  }
  if (batch.last_offset < 0)
    return;
  if (count_ == remembered)
    std::move(batches_.begin() + 1, batches_.end(), batches_.begin());
  else
    ++count_;
  batches_[count_ - 1] = batch;
}

bool operator==(const producer_entry& a, const producer_entry& b) {
  return a.epoch == b.epoch && a.coordinator_epoch == b.coordinator_epoch &&
         a.transaction_first_offset == b.transaction_first_offset && a.last_timestamp == b.last_timestamp &&
         std::ranges::equal(a.batches(), b.batches());
}

result<producer_verdict> producer_state::check(const batch_header& batch,
                                               std::span<const batch_header> staged) const {
  if (!batch.has_producer())
    return append_it{};
  const auto* known = find(batch.producer_id);
  const bool is_staged = std::ranges::any_of(
    staged, [&](const batch_header& h) { return h.producer_id == batch.producer_id; });
  if (!is_staged)
    return known ? judge(*known, batch) : append_it{};
  auto entry = known ? *known : producer_entry{};
  for (const auto& h : staged)
    if (h.producer_id == batch.producer_id)
      apply(entry, h);
  return judge(entry, batch);
}

void producer_state::update(const batch_header& batch) {
  if (batch.has_producer())
    apply(producers_[batch.producer_id], batch);
}

size_t producer_state::expire(timestamp_ms now, int64_t expiration_ms) {
  return std::erase_if(producers_, [&](const auto& p) {
    return p.second.transaction_first_offset < 0 && now - p.second.last_timestamp >= expiration_ms;
  });
}

const producer_entry* producer_state::find(int64_t producer_id) const {
  auto it = producers_.find(producer_id);
  return it == producers_.end() ? nullptr : &it->second;
}

} // namespace chisme::log
