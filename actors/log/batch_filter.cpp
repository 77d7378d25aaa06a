#include "actors/log/batch_filter.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/log/compression.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

tl::unexpected<error> malformed(const batch_header& h) {
  return fail(error_code::corrupt_message,
              "the records of the batch at offset " + std::to_string(h.base_offset) + " are malformed");
}

bool stays(const record_view& r, const batch_header& h, const filter_rules& rules) {
  const auto offset = h.base_offset + r.offset_delta;
  if (offset >= rules.mapped_upto)
    return true;
  if (r.key.is_null)
    return false; // from before the topic was compacted: it can never be replaced, nor asked for by key
  const auto newest = rules.newest->find(r.key.bytes);
  if (newest && *newest > offset)
    return false;
  return !r.value.is_null || !h.has_delete_horizon() || h.base_timestamp > rules.now;
}

struct survivors {
  std::vector<record_view> records;
  bool all = true;
  bool tombstones = false;
};

result<survivors> choose(const batch_header& h, bytes_view block, const filter_rules& rules) {
  survivors out;
  record_reader records{block};
  while (auto r = records.next()) {
    if (!stays(*r, h, rules)) {
      out.all = false;
      continue;
    }
    out.tombstones |= r->value.is_null && h.base_offset + r->offset_delta < rules.mapped_upto;
    out.records.push_back(*r);
  }
  if (records.failed())
    return malformed(h);
  return out;
}

} // namespace

result<buffer> records_of(const batch_view& batch) {
  if (batch.header.compression() == codec::none)
    return buffer{nullptr, batch.body()};
  return decompress(batch.header.compression(), batch.body());
}

result<filtered_batch> filter_batch(const batch_view& batch, const filter_rules& rules) {
  auto block = records_of(batch);
  if (!block)
    return tl::make_unexpected(block.error());
  auto h = batch.header;
  auto left = choose(h, *block, rules);
  if (!left)
    return tl::make_unexpected(left.error());
  const bool needs_horizon = left->tombstones && !h.has_delete_horizon();
  if (left->all && !needs_horizon)
    return filtered_batch{};
  if (left->records.empty())
    return filtered_batch{filtered_batch::kind::empty, {}};
  const auto old_base = h.base_timestamp;
  if (needs_horizon) {
    h.attributes = static_cast<int16_t>(h.attributes | delete_horizon_bit);
    h.base_timestamp = rules.now + rules.delete_retention_ms;
  }
  std::vector<std::byte> kept;
  timestamp_ms max = -1;
  for (const auto& r : left->records) {
    const auto time = old_base + r.timestamp_delta;
    max = std::max(max, time);
    append_record(kept, r, time - h.base_timestamp, r.offset_delta);
  }
  if (!h.is_log_append_time())
    h.max_timestamp = max;
  h.record_count = static_cast<int32_t>(left->records.size());
  auto bytes = assemble_batch(h, h.compression(), kept);
  if (!bytes)
    return tl::make_unexpected(bytes.error());
  return filtered_batch{filtered_batch::kind::rebuilt, std::move(*bytes)};
}

buffer empty_batch(const batch_header& header) {
  auto h = header;
  h.attributes = static_cast<int16_t>(h.attributes & ~(codec_mask | delete_horizon_bit));
  h.base_timestamp = -1;
  h.record_count = 0;
  h.batch_length = batch_header_size - batch_prefix_size;
  h.crc = h.compute_crc({});
  return buffer::copy_of(h.stamp());
}

} // namespace chisme::log
