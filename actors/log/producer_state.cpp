#include "actors/log/producer_state.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// What a batch in the log changes about its producer; a batch without timestamp keeps the one before.
void apply(producer_entry& entry, const batch_header& batch) {
  if (batch.is_control()) {
    // An end-of-transaction marker: its epoch counts, it has no sequence.
    if (batch.producer_epoch > entry.epoch)
      entry.add(batch.producer_epoch, {});
    entry.transaction_first_offset = -1;
  } else {
    entry.add(batch.producer_epoch,
              {batch.last_sequence(), batch.last_offset_delta, batch.last_offset(), batch.max_timestamp});
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
                                                          std::to_string(batch.base_sequence) + " where " + expected +
                                                          " was expected");
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
    if (known.first_sequence() == batch.base_sequence && known.last_sequence == batch.last_sequence())
      return duplicate_of{known};
  if (entry.in_transaction() && !batch.is_transactional())
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

int32_t producer_batch::first_sequence() const {
  if (last_sequence < 0)
    return no_sequence;
  constexpr int64_t wrap = int64_t{1} << 31;
  const auto first = static_cast<int64_t>(last_sequence) - offset_delta;
  return static_cast<int32_t>(first >= 0 ? first : first + wrap);
}

recent_batches::recent_batches(const recent_batches& other)
  : one_(other.one_), several_(other.several_ ? std::make_unique<array>(*other.several_) : nullptr),
    count_(other.count_) {}

recent_batches& recent_batches::operator=(recent_batches other) noexcept {
  one_ = other.one_;
  several_ = std::move(other.several_);
  count_ = other.count_;
  return *this;
}

void recent_batches::add(const producer_batch& batch) {
  if (count_ == 0) {
    one_ = batch;
    count_ = 1;
    return;
  }
  if (!several_) {
    several_ = std::make_unique<array>();
    several_->front() = one_;
  }
  if (count_ == most)
    std::move(several_->begin() + 1, several_->end(), several_->begin());
  else
    ++count_;
  (*several_)[count_ - 1] = batch;
}

void recent_batches::clear() {
  several_.reset();
  count_ = 0;
}

void producer_entry::add(int16_t batch_epoch, const producer_batch& batch) {
  if (batch_epoch != epoch) {
    epoch = batch_epoch;
    batches_.clear();
  }
  if (batch.last_offset >= 0)
    batches_.add(batch);
}

bool producer_entry::cut_at(offset_t offset) {
  if (transaction_first_offset >= offset)
    transaction_first_offset = -1;
  const auto* newest = last();
  if (!newest || newest->last_offset < offset)
    return true;
  recent_batches kept;
  last_timestamp = -1;
  for (const auto& b : batches()) {
    if (b.last_offset >= offset)
      break;
    kept.add(b);
    last_timestamp = std::max(last_timestamp, b.timestamp);
  }
  batches_ = std::move(kept);
  return !batches().empty();
}

bool operator==(const producer_entry& a, const producer_entry& b) {
  return a.id == b.id && a.epoch == b.epoch && a.coordinator_epoch == b.coordinator_epoch &&
         a.transaction_first_offset == b.transaction_first_offset && a.last_timestamp == b.last_timestamp &&
         std::ranges::equal(a.batches(), b.batches());
}

void producer_state::update(const batch_header& batch) {
  if (!batch.has_producer())
    return;
  use(batch.producer_id, [&](producer_entry& entry) { apply(entry, batch); });
  keep_to_bound();
}

/// One in a transaction counts as used: its coordinator is going to end it. Where nearly all are, the bound has to
/// wait until some have ended.
void producer_state::keep_to_bound() {
  constexpr int most_looks = 16;
  auto& used = producers_.get<by_use>();
  for (int looks = 0; producers_.size() > most_ && looks < most_looks; ++looks) {
    if (used.front().in_transaction())
      used.relocate(used.end(), used.begin());
    else
      forget(used.begin());
  }
}

size_t producer_state::expire(timestamp_ms now, int64_t expiration_ms) {
  const auto before = producers_.size();
  auto& used = producers_.get<by_use>();
  for (auto it = used.begin(); it != used.end();)
    it = !it->in_transaction() && now - it->last_timestamp >= expiration_ms ? forget(it) : std::next(it);
  return before - producers_.size();
}

producer_state producer_state::before(offset_t offset) const {
  producer_state out{most_};
  for (const auto& p : producers()) {
    auto then = p;
    if (then.cut_at(offset))
      out.use(p.id, [&](producer_entry& entry) { entry = std::move(then); });
  }
  return out;
}

void producer_state::clear() {
  producers_.clear();
  batches_ = 0;
}

producer_state::used_iterator producer_state::forget(used_iterator it) {
  batches_ -= snapshot_entries(*it);
  return producers_.get<by_use>().erase(it);
}

const producer_entry* producer_state::find(int64_t producer_id) const {
  const auto& ids = producers_.get<by_id>();
  const auto it = ids.find(producer_id);
  return it == ids.end() ? nullptr : &*it;
}

bool operator==(const producer_state& a, const producer_state& b) {
  return a.size() == b.size() && std::ranges::all_of(a.producers(), [&](const producer_entry& p) {
           const auto* other = b.find(p.id);
           return other && *other == p;
         });
}

const producer_entry* staged_producers::find(int64_t producer_id) const {
  const auto it = changed_.find(producer_id);
  return it == changed_.end() ? known_->find(producer_id) : &it->second;
}

result<producer_verdict> staged_producers::check(const batch_header& batch) const {
  const auto* entry = batch.has_producer() ? find(batch.producer_id) : nullptr;
  return entry ? judge(*entry, batch) : append_it{};
}

void staged_producers::stage(const batch_header& batch) {
  if (!batch.has_producer())
    return;
  auto [it, is_new] = changed_.try_emplace(batch.producer_id);
  if (is_new)
    if (const auto* known = known_->find(batch.producer_id))
      it->second = *known;
  apply(it->second, batch);
}

} // namespace chisme::log
