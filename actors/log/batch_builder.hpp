// Makes record batches: for internal topics, tests, the command line and whoever has records but no producer.
#pragma once

#include "actors/log/record_batch.hpp"
#include "config/topic_settings.hpp"

#include <span>
#include <vector>

namespace chisme::log {

/// A record header to write.
struct record_header_in {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// A record to write; nullopt is null.
struct record_in {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  timestamp_ms timestamp = 0;
  std::span<const record_header_in> headers;
};

/// Writes one record with its length to the end of `block`.
void append_record(std::vector<std::byte>& block, const record_in& record, int64_t timestamp_delta,
                   int32_t offset_delta);

/// Writes a record of another batch with other deltas; all else of it stays.
void append_record(std::vector<std::byte>& block, const record_view& record, int64_t timestamp_delta,
                   int32_t offset_delta);

/// Collects records and closes them into one batch. The fields that concern no record (producer, epoch, base
/// offset, attributes without the codec) are set in `header` before finish(). Reusable after finish().
class batch_builder {
public:
  explicit batch_builder(codec compression = codec::none) : codec_(compression) {}

  batch_header header;

  /// The next record; its offset is one more than that of the record before.
  batch_builder& add(const record_in& record);
  batch_builder& add(std::string_view key, std::string_view value, timestamp_ms timestamp) {
    return add(record_in{key, value, timestamp, {}});
  }
  /// A record at a given distance from the base offset, larger than that of the record before.
  batch_builder& add_at(int32_t offset_delta, const record_in& record);

  int32_t count() const { return count_; }
  /// Bytes of the records so far, not compressed.
  size_t block_size() const { return block_.size(); }

  /// The batch. last_offset_delta is that of the last record unless `last_offset_delta` asks for a larger one.
  /// Fails only where the compressor does.
  result<buffer> finish(int32_t last_offset_delta = -1);

private:
  codec codec_;
  std::vector<std::byte> block_;
  int32_t count_ = 0;
  int32_t next_delta_ = 0;
  timestamp_ms base_timestamp_ = -1;
  timestamp_ms max_timestamp_ = -1;
};

/// A whole batch from `header` and an uncompressed block: compresses it with `compression`, sets codec bits,
/// length and CRC, and leaves every other field as it is. Fails where compress() does; `limit` is for the whole batch.
result<buffer> assemble_batch(batch_header header, codec compression, bytes_view block,
                              const compression_levels& levels = {}, size_t limit = SIZE_MAX);

} // namespace chisme::log
