// Reading, by offset and by time.
#include "actors/log/cold_reads.hpp"
#include "actors/log/partition_log.hpp"
#include "actors/log/record_outline.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

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

/// An answer is sent part by part.
constexpr size_t most_slices = 64;

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

result<std::optional<located_batch>> partition_log::locate(offset_t offset, size_t index, segment::looked_for what) {
  auto& s = *segments_[index];
  for (const auto& h : hints_)
    if (h.offset == offset && h.in == &s)
      return s.find(offset, gaps_allowed(s), h.position, what);
  return s.find(offset, gaps_allowed(s), std::nullopt, what);
}

/// A batch that reaches over `offset` may have lost its records from there on; some clients would ask for it for ever.
result<std::optional<located_batch>> partition_log::skip_what_ends_before(segment& s, const located_batch& batch,
                                                                          offset_t offset) {
  if (batch.header.base_offset >= offset)
    return batch;
  auto record = record_in(s, batch, std::numeric_limits<timestamp_ms>::min(), offset);
  if (!record)
    return tl::make_unexpected(record.error());
  return *record ? result<std::optional<located_batch>>{batch}
                 : s.find(batch.header.next_offset(), true, std::nullopt, segment::looked_for::records);
}

result<std::optional<partition_log::read_start>> partition_log::find_start(offset_t offset, offset_t upper_bound,
                                                                           segment::looked_for what) {
  for (auto i = segment_index(offset); i < segments_.size() && segments_[i]->base_offset() < upper_bound; ++i) {
    auto& s = *segments_[i];
    auto first = locate(std::max(offset, s.base_offset()), i, what);
    if (first && *first && what == segment::looked_for::records && gaps_allowed(s))
      first = skip_what_ends_before(s, **first, offset);
    if (!first)
      return tl::make_unexpected(first.error());
    if (*first)
      return (*first)->header.last_offset() < upper_bound ? std::optional{read_start{&s, **first}} : std::nullopt;
    if (!gaps_allowed(s))
      return fail(error_code::corrupt_message, s.path() + ": ends before offset " + std::to_string(offset));
  }
  return std::nullopt;
}

result<read_result> partition_log::read(offset_t offset, uint64_t max_bytes, offset_t upper_bound, bool min_one,
                                        const std::shared_ptr<answer_memory>& memory) {
  if (offset < start_offset_ || offset > end_offset_)
    return fail(error_code::offset_out_of_range, dir_ + ": offset " + std::to_string(offset) + " is not within " +
                                                   std::to_string(start_offset_) + " to " +
                                                   std::to_string(end_offset_));
  read_result nothing;
  nothing.next_offset = offset;
  upper_bound = std::min(upper_bound, end_offset_);
  if (offset >= upper_bound)
    return nothing;
  auto start = find_start(offset, upper_bound, segment::looked_for::records);
  // Nothing but what compaction left of batches: that much brings a reader further.
  if (start && !*start)
    start = find_start(offset, upper_bound, segment::looked_for::batches);
  if (!start)
    return tl::make_unexpected(start.error());
  if (!*start)
    return nothing;
  if ((*start)->batch.header.size() > max_bytes && !min_one)
    return nothing;
  return read_at(**start, max_bytes, upper_bound, memory);
}

result<read_result> partition_log::read_at(const read_start& start, uint64_t max_bytes, offset_t upper_bound,
                                           const std::shared_ptr<answer_memory>& memory) {
  const auto& s = *start.in;
  const auto limit = std::min(std::max(max_bytes, start.batch.header.size()), s.size() - start.batch.position);
  if (s.log()->native_handle() < 0)
    return read_memory(start, limit, upper_bound);
  if (limit > options_.largest_in_memory || (memory && !memory->take(limit)))
    return read_file(start, limit, upper_bound);
  auto found = read_memory(start, limit, upper_bound);
  if (!found && memory)
    memory->give_back(limit);
  if (found && memory)
    found->data = answer_memory::hold(memory, std::get<buffer>(std::move(found->data).take_parts().front()));
  return found;
}

result<read_result> partition_log::read_memory(const read_start& start, uint64_t limit, offset_t upper_bound) {
  auto& s = *start.in;
  buffer_builder memory{limit};
  const auto bytes = memory.span();
  auto n = s.log()->read_at(start.batch.position, bytes);
  if (!n)
    return tl::make_unexpected(n.error());
  batch_reader batches{bytes_view{bytes}.first(*n)};
  read_result out;
  size_t kept = 0;
  size_t seen = 0;
  size_t end = 0;
  offset_t expected = -1;
  while (auto batch = batches.next()) {
    const auto& h = batch->header;
    if (h.last_offset() >= upper_bound || !follows(h, expected, gaps_allowed(s)) || !batch->crc_matches())
      break;
    expected = h.next_offset();
    const auto size = batch->bytes.size();
    if (start.gives(h)) {
      if (kept != seen)
        std::memmove(bytes.data() + kept, bytes.data() + seen, size);
      kept += size;
      end = seen + size;
      extend(out, h);
    }
    seen += size;
  }
  if (kept == 0)
    return corrupt(s, start.batch, batches.problem() ? batches.problem() : "its CRC does not match");
  out.data.append(std::move(memory).freeze(kept));
  remember(out.next_offset, s, start.batch.position + end);
  return out;
}

result<read_result> partition_log::read_file(const read_start& start, uint64_t limit, offset_t upper_bound) {
  auto& s = *start.in;
  const auto begin = start.batch.position;
  // Also what is not looked at here: it is sent by a thread that serves others, too.
  if (!s.log()->is_in_memory(begin, limit))
    return tl::make_unexpected(cold_reads::why_not());
  const auto known_end = s.whole_until(begin);
  const bool known = known_end >= start.batch.end();
  if (!known)
    s.begin_check();
  const auto at_most = begin + limit;
  batch_scanner scanner{*s.log(), begin, known ? std::min(known_end, at_most) : at_most,
                        known ? batch_scanner::check::headers : batch_scanner::check::crc};
  read_result out;
  auto slice_begin = begin; // of what is given and not in `out` yet
  auto slice_end = begin;
  const auto add_slice = [&] {
    if (slice_end > slice_begin)
      out.data.append(file_slice{s.log(), s.log()->native_handle(), slice_begin, slice_end - slice_begin});
  };
  offset_t expected = -1;
  while (out.data.parts().size() < most_slices) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    const auto& h = (*batch)->header;
    if (h.last_offset() >= upper_bound || !follows(h, expected, gaps_allowed(s)))
      break;
    expected = h.next_offset();
    if (!start.gives(h))
      continue;
    if ((*batch)->position != slice_end) {
      add_slice();
      slice_begin = (*batch)->position;
    }
    slice_end = (*batch)->end();
    extend(out, h);
  }
  add_slice();
  if (out.data.empty())
    return corrupt(s, start.batch, scanner.problem() ? scanner.problem() : "its header changed while it was read");
  if (!known)
    s.note_whole(begin, slice_end);
  remember(out.next_offset, s, slice_end);
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

/// The largest timestamp of the segment that may be told of; one that is no larger than `least` need not be exact.
result<time_entry> partition_log::max_timestamp_in(segment& s, timestamp_ms least, offset_t upper_bound) {
  auto bound = s.max_timestamp();
  if (!bound || bound->timestamp <= least)
    return bound;
  auto batch = s.find(bound->last_offset, true);
  if (!batch)
    return tl::make_unexpected(batch.error());
  const bool can_be_told = bound->last_offset < upper_bound && *batch && !(*batch)->header.is_empty() &&
                           (*batch)->header.last_offset() == bound->last_offset;
  return can_be_told ? bound : s.max_record_timestamp(upper_bound);
}

result<std::optional<timestamp_and_offset>> partition_log::max_timestamp(offset_t upper_bound) {
  segment* best = nullptr;
  time_entry max{-1, -1};
  for (const auto& s : segments_) {
    if (s->base_offset() >= upper_bound)
      break;
    auto here = max_timestamp_in(*s, max.timestamp, upper_bound);
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
  if (record && !*record) // it lies before the start of the log
    return timestamp_and_offset{max.timestamp, max.last_offset, (*batch)->header.leader_epoch};
  return record;
}

} // namespace chisme::log
