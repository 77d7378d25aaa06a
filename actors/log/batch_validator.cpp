#include "actors/log/batch_validator.hpp"

#include "actors/log/batch_builder.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr int16_t first_version_with_zstd = 7;
/// More blamed records than this help nobody and make the answer large.
constexpr size_t most_record_errors = 100;

using verdict = tl::expected<void, rejection>;

tl::unexpected<rejection> reject(error_code code, std::string message, std::vector<record_error> records = {}) {
  return tl::make_unexpected(rejection{error{code, std::move(message)}, std::move(records)});
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

verdict check_sizes(const batch_header& h, const validation_rules& rules) {
  if (h.compression() == codec::zstd && rules.produce_version < first_version_with_zstd)
    return reject(error_code::unsupported_compression_type, "zstd needs Produce version 7 or newer");
  if (h.base_offset != 0)
    return reject(error_code::invalid_record, "base offset " + std::to_string(h.base_offset) + ", must be 0");
  const auto size = static_cast<int64_t>(h.size());
  if (size > rules.settings->max_message_bytes)
    return reject(error_code::message_too_large,
                  "the record batch has " + std::to_string(size) + " bytes, max.message.bytes is " +
                    std::to_string(rules.settings->max_message_bytes));
  if (size > rules.settings->segment_bytes)
    return reject(error_code::record_list_too_large,
                  "the record batch has " + std::to_string(size) + " bytes, segment.bytes is " +
                    std::to_string(rules.settings->segment_bytes));
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
  if (s.timestamps == timestamp_type::log_append_time || t < 0)
    return nullptr; // replaced, or none
  if (t > now && t - now > s.timestamp_after_max_ms)
    return "its timestamp is further in the future than message.timestamp.after.max.ms allows";
  if (t < now && now - t > s.timestamp_before_max_ms)
    return "its timestamp is older than message.timestamp.before.max.ms allows";
  return nullptr;
}

/// What walking over the records found.
struct walk_result {
  timestamp_ms max_timestamp = -1;
  std::vector<record_error> no_key;
  std::vector<record_error> bad_time;
};

void blame(std::vector<record_error>& list, int32_t index, const char* what) {
  if (list.size() < most_record_errors)
    list.push_back({index, what});
}

tl::expected<walk_result, rejection> walk(const batch_header& h, bytes_view block, const topic_settings& settings,
                                          timestamp_ms now) {
  walk_result out;
  record_reader records{block};
  int32_t index = 0;
  for (; auto r = records.next(); ++index) {
    if (r->offset_delta != index)
      return reject(error_code::invalid_record, "record " + std::to_string(index) + " has offset delta " +
                                                  std::to_string(r->offset_delta));
    if (settings.cleanup_compact && r->key.is_null)
      blame(out.no_key, index, "a compacted topic accepts no record without a key");
    const auto time = static_cast<timestamp_ms>(static_cast<uint64_t>(h.base_timestamp) +
                                                static_cast<uint64_t>(r->timestamp_delta));
    if (const auto* problem = timestamp_problem(time, settings, now))
      blame(out.bad_time, index, problem);
    out.max_timestamp = std::max(out.max_timestamp, time);
  }
  if (records.failed())
    return reject(error_code::invalid_record, "record " + std::to_string(index) + " is malformed");
  if (index != h.record_count)
    return reject(error_code::invalid_record, "the record batch counts " + std::to_string(h.record_count) +
                                                " records and holds " + std::to_string(index));
  return out;
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

tl::expected<buffer, rejection> open_block(const batch_view& batch, const validation_rules& rules) {
  if (batch.header.compression() == codec::none)
    return buffer{nullptr, batch.body()};
  auto block = decompress(batch.header.compression(), batch.body(), rules.decompressed_limit);
  if (block)
    return std::move(*block);
  const bool bomb = block.error().code == error_code::record_list_too_large;
  return reject(bomb ? error_code::message_too_large : error_code::invalid_record, block.error().message);
}

/// Looks at the records; returns their true largest timestamp.
tl::expected<timestamp_ms, rejection> check_records(const batch_header& h, bytes_view block,
                                                    const topic_settings& settings, timestamp_ms now) {
  auto seen = walk(h, block, settings, now);
  if (!seen)
    return tl::make_unexpected(seen.error());
  if (!seen->no_key.empty())
    return reject(error_code::invalid_record, "one or more records have been rejected: a key is missing",
                  std::move(seen->no_key));
  if (!seen->bad_time.empty())
    return reject(error_code::invalid_timestamp, "one or more records have been rejected: invalid timestamp",
                  std::move(seen->bad_time));
  return seen->max_timestamp;
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

tl::expected<batch_info, rejection> with_codec(const batch_view& batch, codec wanted,
                                               const compression_levels& levels, bytes_view block) {
  batch_info info{batch.header, batch.body(), {}, -1};
  if (wanted == batch.header.compression())
    return info;
  auto rebuilt = assemble_batch(batch.header, wanted, block, levels);
  if (!rebuilt)
    return reject(rebuilt.error().code, rebuilt.error().message);
  info.header = batch_header::parse(rebuilt->data());
  info.rebuilt = std::move(*rebuilt);
  info.body = info.rebuilt.view().subspan(batch_header_size);
  return info;
}

} // namespace

tl::expected<batch_info, rejection> validate(bytes_view bytes, const validation_rules& rules, timestamp_ms now) {
  if (auto ok = check_frame(bytes); !ok)
    return tl::make_unexpected(ok.error());
  const batch_view batch{batch_header::parse(bytes.data()), bytes};
  const auto& h = batch.header;
  const auto& settings = *rules.settings;
  if (auto ok = check_sizes(h, rules); !ok)
    return tl::make_unexpected(ok.error());
  if (!batch.crc_matches())
    return reject(error_code::corrupt_message, "the CRC of the record batch does not match");
  if (auto ok = check_header(h); !ok)
    return tl::make_unexpected(ok.error());
  const auto wanted = wanted_codec(h, settings);
  const bool look_inside =
    h.compression() == codec::none || rules.strict || settings.cleanup_compact || wanted != h.compression();
  if (!look_inside) {
    if (const auto* problem = timestamp_problem(h.max_timestamp, settings, now))
      return reject(error_code::invalid_timestamp, std::string{"the record batch is rejected: "} + problem);
    batch_info info{h, batch.body(), {}, -1};
    adopt(info, h.max_timestamp, settings, now);
    return info;
  }
  auto block = open_block(batch, rules);
  if (!block)
    return tl::make_unexpected(block.error());
  auto max_timestamp = check_records(h, *block, settings, now);
  if (!max_timestamp)
    return tl::make_unexpected(max_timestamp.error());
  auto info = with_codec(batch, wanted, settings.levels, *block);
  if (info)
    adopt(*info, *max_timestamp, settings, now);
  return info;
}

} // namespace chisme::log
