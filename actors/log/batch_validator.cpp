#include "actors/log/batch_validator.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/log/record_outline.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr int16_t first_version_with_zstd = 7;
constexpr timestamp_ms no_timestamp = -1;
/// More blamed records than this help nobody and make the answer large.
constexpr size_t most_record_errors = 100;

/// Honest clients compress what they batch by its size before or after, and hardly better than this.
constexpr int64_t usual_ratio_at_most = 32;
constexpr int64_t always_enough = 1 << 20;

/// Compressing a byte costs as much as walking over so many.
constexpr uint64_t cost_of_compressing = 8;

using verdict = tl::expected<void, rejection>;

tl::unexpected<rejection> reject(error_code code, std::string message, std::vector<record_error> records = {}) {
  return tl::make_unexpected(rejection{error{code, std::move(message)}, std::move(records), 0});
}

/// The frame: exactly one batch of format v2, whole.
verdict check_frame(bytes_view bytes) {
  if (bytes.empty())
    return reject(error_code::invalid_record, "no record batch; exactly one a partition is allowed");
  constexpr size_t magic_at = 16;
  if (bytes.size() <= magic_at)
    return reject(error_code::corrupt_message, "the record batch is shorter than its header");
  if (static_cast<int8_t>(bytes[magic_at]) != current_magic)
    return reject(error_code::invalid_record, "magic " + std::to_string(static_cast<int8_t>(bytes[magic_at])) +
                                                "; only record batches with magic 2 are allowed");
  if (bytes.size() < batch_header_size)
    return reject(error_code::corrupt_message, "the record batch is shorter than its header");
  const auto h = batch_header::parse(bytes.data());
  if (h.batch_length < static_cast<int32_t>(batch_header_size - batch_prefix_size) || h.size() > bytes.size())
    return reject(error_code::corrupt_message, "the record batch has " + std::to_string(bytes.size()) +
                                                 " bytes, its length field says " + std::to_string(h.batch_length));
  if (h.size() < bytes.size())
    return reject(error_code::invalid_record, "more than one record batch; exactly one a partition is allowed");
  return {};
}

verdict check_version(const batch_header& h, const validation_rules& rules) {
  if (h.compression() == codec::zstd && rules.produce_version < first_version_with_zstd)
    return reject(error_code::unsupported_compression_type, "zstd needs Produce version 7 or newer");
  if (h.base_offset != 0)
    return reject(error_code::invalid_record, "base offset " + std::to_string(h.base_offset) + ", must be 0");
  return {};
}

verdict check_sizes(const batch_header& h, const topic_settings& settings) {
  const auto size = static_cast<int64_t>(h.size());
  if (size > settings.max_message_bytes)
    return reject(error_code::message_too_large, "the record batch has " + std::to_string(size) +
                                                   " bytes, max.message.bytes is " +
                                                   std::to_string(settings.max_message_bytes));
  if (size > settings.segment_bytes)
    return reject(error_code::record_list_too_large, "the record batch has " + std::to_string(size) +
                                                       " bytes, segment.bytes is " +
                                                       std::to_string(settings.segment_bytes));
  return {};
}

verdict check_header(const batch_header& h) {
  const auto bad = [](std::string what) { return reject(error_code::invalid_record, std::move(what)); };
  if (h.last_offset_delta < 0 || h.record_count < 1)
    return bad("the record batch holds no record");
  if (static_cast<int64_t>(h.last_offset_delta) + 1 != h.record_count)
    return bad("the record batch counts " + std::to_string(h.record_count) + " records, its last offset delta is " +
               std::to_string(h.last_offset_delta));
  if (h.is_control())
    return bad("clients may not write control batches");
  if (h.has_producer() && h.base_sequence < 0)
    return bad("a producer id without a sequence number");
  if (!h.has_known_codec())
    return bad("unknown codec " + std::to_string(h.attributes & codec_mask));
  if (h.has_delete_horizon())
    return bad("clients may not set a delete horizon");
  if (h.is_log_append_time())
    return reject(error_code::invalid_timestamp, "clients may not mark timestamps as append time");
  return {};
}

/// Null where the timestamp is within the topic's bounds.
const char* timestamp_problem(timestamp_ms t, const topic_settings& s, timestamp_ms now) {
  if (s.timestamps == timestamp_type::log_append_time || t == no_timestamp)
    return nullptr; // replaced, or none
  const auto distance = t > now ? static_cast<uint64_t>(t) - static_cast<uint64_t>(now)
                                : static_cast<uint64_t>(now) - static_cast<uint64_t>(t);
  if (t > now && distance > static_cast<uint64_t>(s.timestamp_after_max_ms))
    return "its timestamp is further in the future than message.timestamp.after.max.ms allows";
  if (t < now && distance > static_cast<uint64_t>(s.timestamp_before_max_ms))
    return "its timestamp is older than message.timestamp.before.max.ms allows";
  return nullptr;
}

/// What walking over the records found.
struct walk_result {
  timestamp_ms max_timestamp = no_timestamp;
  bool deltas_are_right = true; // or may be put right
  bool bad_time = false;
  std::vector<record_error> to_blame;

  void blame(int32_t index, const char* what) {
    if (to_blame.size() < most_record_errors)
      to_blame.push_back({index, what});
  }
};

tl::unexpected<rejection> reject_block(const error& why) {
  if (why.code == error_code::record_list_too_large)
    return reject(error_code::message_too_large, why.message + " (max.decompressed.message.bytes, max.message.bytes)");
  return reject(error_code::invalid_record, why.message);
}

tl::expected<walk_result, rejection> walk(const batch_header& h, decompressor& block, const topic_settings& settings,
                                          bool any_deltas, timestamp_ms now) {
  walk_result out;
  record_outline_reader records{block};
  const auto bad = [](std::string what) { return reject(error_code::invalid_record, std::move(what)); };
  for (int32_t index = 0; index < h.record_count; ++index) {
    const auto r = records.next();
    if (records.problem())
      return reject_block(*records.problem());
    if (records.failed())
      return bad("record " + std::to_string(index) + " is malformed");
    if (!r)
      return bad("the record batch counts " + std::to_string(h.record_count) + " records and holds " +
                 std::to_string(index));
    out.deltas_are_right &= r->offset_delta == index;
    if (!out.deltas_are_right && !any_deltas)
      return bad("record " + std::to_string(index) + " has the offset delta " + std::to_string(r->offset_delta) +
                 "; in a compressed batch they count from 0");
    const auto time =
      static_cast<timestamp_ms>(static_cast<uint64_t>(h.base_timestamp) + static_cast<uint64_t>(r->timestamp_delta));
    if (settings.cleanup_compact && !r->has_key) {
      out.blame(index, "a compacted topic accepts no record without a key");
    } else if (const auto* problem = timestamp_problem(time, settings, now)) {
      out.bad_time = true;
      out.blame(index, problem);
    }
    out.max_timestamp = std::max(out.max_timestamp, time);
  }
  if (records.at_end())
    return out;
  return records.problem() ? reject_block(*records.problem())
                           : bad("bytes are left behind the " + std::to_string(h.record_count) +
                                 " records that the record batch counts");
}

/// Looks at the records, which `block` decompresses.
tl::expected<walk_result, rejection> check_records(const batch_header& h, decompressor& block,
                                                   const topic_settings& settings, bool any_deltas, timestamp_ms now) {
  auto seen = walk(h, block, settings, any_deltas, now);
  if (!seen || seen->to_blame.empty())
    return seen;
  if (seen->bad_time)
    return reject(error_code::invalid_timestamp, "one or more records have been rejected: invalid timestamp",
                  std::move(seen->to_blame));
  return reject(error_code::invalid_record, "one or more records have been rejected: a key is missing",
                std::move(seen->to_blame));
}

/// The codec that the topic wants this batch to have.
codec wanted_codec(const batch_header& h, const topic_settings& s) {
  switch (s.compression) {
    case topic_compression::producer:
      return h.compression();
    case topic_compression::none:
      return codec::none;
    case topic_compression::gzip:
      return codec::gzip;
    case topic_compression::snappy:
      return codec::snappy;
    case topic_compression::lz4:
      return codec::lz4;
    case topic_compression::zstd:
      return codec::zstd;
  }
  return h.compression();
}

/// Sets what the topic decides about the header; the CRC follows where anything changed.
void adopt(batch_info& info, timestamp_ms max_timestamp, const topic_settings& settings, timestamp_ms now) {
  auto& h = info.header;
  const auto before = h;
  if (settings.timestamps == timestamp_type::log_append_time) {
    h.attributes = static_cast<int16_t>(h.attributes | log_append_time_bit);
    h.max_timestamp = info.log_append_time = now;
  } else {
    h.max_timestamp = max_timestamp;
  }
  if (h != before)
    h.crc = h.compute_crc(info.body);
}

/// The same records with the offset deltas 0, 1, 2...; they have been walked over before.
std::vector<std::byte> renumbered(bytes_view block) {
  std::vector<std::byte> out;
  out.reserve(block.size());
  record_reader records{block};
  int32_t delta = 0;
  while (auto r = records.next())
    append_record(out, *r, r->timestamp_delta, delta++);
  return out;
}

tl::expected<batch_info, rejection> as_rebuilt(result<buffer> batch, const topic_settings& settings) {
  if (!batch)
    return reject(batch.error().code,
                  "the record batch cannot be made as the topic wants it: " + batch.error().message);
  batch_info info{batch_header::parse(batch->data()), {}, std::move(*batch), -1, 0};
  info.body = info.rebuilt.view().subspan(batch_header_size);
  if (auto ok = check_sizes(info.header, settings); !ok)
    return tl::make_unexpected(ok.error());
  return info;
}

/// The batch with another codec: the one case that needs all of the `size` bytes of its records in memory.
tl::expected<batch_info, rejection> recoded(const batch_view& batch, codec wanted, size_t size,
                                            const topic_settings& settings) {
  const auto& h = batch.header;
  const auto limit = static_cast<size_t>(std::min(settings.max_message_bytes, settings.segment_bytes));
  if (wanted == codec::none && batch_header_size + size > limit)
    return reject(error_code::message_too_large, "without compression, as the topic wants it, the record batch has " +
                                                   std::to_string(batch_header_size + size) + " bytes; at most " +
                                                   std::to_string(limit) +
                                                   " are allowed (max.message.bytes, segment.bytes)");
  auto block = h.compression() == codec::none ? result<buffer>{buffer{nullptr, batch.body()}}
                                              : decompress(h.compression(), batch.body(), size);
  if (!block)
    return reject_block(block.error());
  return as_rebuilt(assemble_batch(h, wanted, *block, settings.levels, limit), settings);
}

} // namespace

size_t most_decompressed(const topic_settings& settings) {
  const auto usual =
    std::max(always_enough, std::min(settings.max_message_bytes, static_cast<int64_t>(default_decompressed_limit)) *
                              usual_ratio_at_most);
  return static_cast<size_t>(
    std::min({usual, settings.max_decompressed_bytes, static_cast<int64_t>(default_decompressed_limit)}));
}

tl::expected<batch_info, rejection> validate(bytes_view bytes, const validation_rules& rules, timestamp_ms now) {
  if (auto ok = check_frame(bytes); !ok)
    return tl::make_unexpected(ok.error());
  const batch_view batch{batch_header::parse(bytes.data()), bytes};
  const auto& h = batch.header;
  const auto& settings = *rules.settings;
  if (auto ok = check_version(h, rules); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = check_sizes(h, settings); !ok)
    return tl::make_unexpected(ok.error());
  if (!batch.crc_matches())
    return reject(error_code::corrupt_message, "the CRC of the record batch does not match");
  if (auto ok = check_header(h); !ok)
    return tl::make_unexpected(ok.error());
  const auto wanted = wanted_codec(h, settings);
  const bool is_plain = h.compression() == codec::none;
  decompressor block{h.compression(), batch.body(), is_plain ? bytes.size() : most_decompressed(settings)};
  auto seen = check_records(h, block, settings, is_plain && wanted == codec::none, now);
  uint64_t cost = bytes.size() + block.made();
  if (!seen) {
    seen.error().cost = cost;
    return tl::make_unexpected(std::move(seen.error()));
  }
  tl::expected<batch_info, rejection> info = batch_info{h, batch.body(), {}, -1, 0};
  if (wanted != h.compression()) {
    info = recoded(batch, wanted, block.made(), settings);
    cost += block.made() * cost_of_compressing;
  } else if (!seen->deltas_are_right) {
    info = as_rebuilt(assemble_batch(h, codec::none, renumbered(batch.body())), settings);
  }
  if (!info) {
    info.error().cost = cost;
    return info;
  }
  info->cost = cost;
  adopt(*info, seen->max_timestamp, settings, now);
  return info;
}

} // namespace chisme::log
