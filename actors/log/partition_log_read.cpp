// Reading, by offset and by time.
#include "actors/log/partition_log.hpp"
#include "actors/log/record_outline.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

tl::unexpected<error> corrupt(const segment& s, const located_batch& batch, const char* why) {
  return fail(error_code::corrupt_message, s.path() + ": the batch at position " + std::to_string(batch.position) +
                                             ", offset " + std::to_string(batch.header.base_offset) +
                                             ", is corrupt: " + why);
}

/// Whether a batch may follow: `expected` is -1 for the first one.
bool follows(const batch_header& h, offset_t expected, bool gaps_allowed) {
  return expected < 0 || h.base_offset == expected || (gaps_allowed && h.base_offset > expected);
}

void extend(read_result& r, const batch_header& h) {
  if (r.first_offset < 0)
    r.first_offset = h.base_offset;
  r.last_offset = h.last_offset();
  r.next_offset = h.next_offset();
}

} // namespace

void partition_log::remember(offset_t offset, segment& s, uint64_t position) {
  hints_[next_hint_] = {offset, &s, position};
  next_hint_ = (next_hint_ + 1) % hints_.size();
}

result<std::optional<located_batch>> partition_log::locate(offset_t offset, size_t index) {
  auto& s = *segments_[index];
  for (const auto& h : hints_)
    if (h.offset == offset && h.in == &s)
      return s.find(offset, gaps_allowed(s), h.position);
  return s.find(offset, gaps_allowed(s));
}

result<read_result> partition_log::read(offset_t offset, uint64_t max_bytes, offset_t upper_bound, bool min_one) {
  if (offset < start_offset_ || offset > end_offset_)
    return fail(error_code::offset_out_of_range, dir_ + ": offset " + std::to_string(offset) + " is not within " +
                                                   std::to_string(start_offset_) + " to " +
                                                   std::to_string(end_offset_));
  read_result nothing;
  nothing.next_offset = offset;
  upper_bound = std::min(upper_bound, end_offset_);
  if (offset >= upper_bound)
    return nothing;
  for (auto i = segment_index(offset); i < segments_.size(); ++i) {
    auto& s = *segments_[i];
    auto first = locate(std::max(offset, s.base_offset()), i);
    if (!first)
      return tl::make_unexpected(first.error());
    if (!*first) {
      if (gaps_allowed(s))
        continue;
      return fail(error_code::corrupt_message, s.path() + ": ends before offset " + std::to_string(offset));
    }
    const auto& h = (*first)->header;
    if (h.last_offset() >= upper_bound || (h.size() > max_bytes && !min_one))
      return nothing;
    const auto limit = std::min(std::max(max_bytes, h.size()), s.size() - (*first)->position);
    const bool in_memory = limit <= options_.largest_in_memory || s.log()->native_handle() < 0;
    auto found = in_memory ? read_memory(s, **first, limit, upper_bound) : read_file(s, **first, limit, upper_bound);
    if (found)
      remember(found->next_offset, s, (*first)->position + found->data.size());
    return found;
  }
  return nothing;
}

result<read_result> partition_log::read_memory(segment& s, const located_batch& first, uint64_t limit,
                                               offset_t upper_bound) {
  buffer_builder memory{limit};
  auto n = s.log()->read_at(first.position, memory.span());
  if (!n)
    return tl::make_unexpected(n.error());
  batch_reader batches{bytes_view{memory.span()}.first(*n)};
  read_result out;
  size_t total = 0;
  offset_t expected = -1;
  while (auto batch = batches.next()) {
    const auto& h = batch->header;
    if (h.last_offset() >= upper_bound || !follows(h, expected, gaps_allowed(s)) || !batch->crc_matches())
      break;
    extend(out, h);
    total += batch->bytes.size();
    expected = h.next_offset();
  }
  if (total == 0)
    return corrupt(s, first, batches.problem() ? batches.problem() : "its CRC does not match");
  out.data.append(std::move(memory).freeze(total));
  return out;
}

result<read_result> partition_log::read_file(segment& s, const located_batch& first, uint64_t limit,
                                             offset_t upper_bound) {
  const auto known_end = s.whole_until(first.position);
  const bool known = known_end >= first.end();
  if (!known)
    s.begin_check();
  const auto at_most = first.position + limit;
  batch_scanner scanner{*s.log(), first.position, known ? std::min(known_end, at_most) : at_most,
                        known ? batch_scanner::check::headers : batch_scanner::check::crc};
  read_result out;
  auto end = first.position;
  offset_t expected = -1;
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    const auto& h = (*batch)->header;
    if (h.last_offset() >= upper_bound || !follows(h, expected, gaps_allowed(s)))
      break;
    extend(out, h);
    end = (*batch)->end();
    expected = h.next_offset();
  }
  if (end == first.position)
    return corrupt(s, first, scanner.problem() ? scanner.problem() : "its header changed while it was read");
  if (!known)
    s.note_whole(first.position, end);
  out.data.append(file_slice{s.log(), s.log()->native_handle(), first.position, end - first.position});
  return out;
}

result<std::optional<timestamp_and_offset>> partition_log::record_in(segment& s, const located_batch& batch,
                                                                     timestamp_ms timestamp, offset_t from) {
  const auto& h = batch.header;
  buffer_builder memory{h.size()};
  auto n = s.log()->read_at(batch.position, memory.span());
  if (!n)
    return tl::make_unexpected(n.error());
  const batch_view whole{h, bytes_view{memory.span()}};
  if (*n < h.size() || !whole.crc_matches())
    return corrupt(s, batch, "its CRC does not match");
  decompressor block{h.compression(), whole.body(),
                     h.compression() == codec::none ? whole.body().size() : default_decompressed_limit};
  record_outline_reader records{block};
  while (auto r = records.next()) {
    const auto time = h.is_log_append_time() ? h.max_timestamp : h.base_timestamp + r->timestamp_delta;
    const auto at = h.base_offset + r->offset_delta;
    if (time >= timestamp && at >= from)
      return timestamp_and_offset{time, at, h.leader_epoch};
  }
  if (records.problem())
    return corrupt(s, batch, records.problem()->message.c_str());
  return std::nullopt;
}

result<std::optional<timestamp_and_offset>> partition_log::offset_for_timestamp(timestamp_ms timestamp,
                                                                                offset_t upper_bound) {
  auto from = start_offset_;
  for (size_t i = 0; i < segments_.size() && segments_[i]->base_offset() < upper_bound; ++i) {
    auto& s = *segments_[i];
    auto max = s.max_timestamp();
    if (!max)
      return tl::make_unexpected(max.error());
    while (max->timestamp >= timestamp) {
      auto batch = s.find_time(timestamp, from);
      if (!batch)
        return tl::make_unexpected(batch.error());
      if (!*batch)
        break;
      auto record = record_in(s, **batch, timestamp, from);
      if (!record || *record)
        return record && (*record)->offset >= upper_bound ? std::nullopt : record;
      from = (*batch)->header.next_offset(); // what made the batch young has been compacted away
    }
  }
  return std::nullopt;
}

result<std::optional<timestamp_and_offset>> partition_log::max_timestamp() {
  segment* best = nullptr;
  time_entry max{-1, -1};
  for (const auto& s : segments_) {
    auto here = s->max_timestamp();
    if (!here)
      return tl::make_unexpected(here.error());
    if (here->timestamp > max.timestamp) {
      max = *here;
      best = s.get();
    }
  }
  if (!best)
    return std::nullopt;
  auto batch = best->find(max.last_offset, gaps_allowed(*best));
  if (!batch || !*batch)
    return batch ? result<std::optional<timestamp_and_offset>>{std::nullopt} : tl::make_unexpected(batch.error());
  auto record = record_in(*best, **batch, max.timestamp, start_offset_);
  if (record && !*record) // compaction took the record and left the batch
    return timestamp_and_offset{max.timestamp, max.last_offset, (*batch)->header.leader_epoch};
  return record;
}

} // namespace chisme::log
