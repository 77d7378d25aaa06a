#include "actors/log/batch_builder.hpp"

#include "actors/log/compression.hpp"
#include "actors/log/varint.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr int64_t null_length = -1;

size_t sized(const std::optional<std::string_view>& bytes) {
  return bytes ? varint_size(static_cast<int64_t>(bytes->size())) + bytes->size() : varint_size(null_length);
}

std::byte* write_sized(std::byte* to, const std::optional<std::string_view>& bytes) {
  to = write_varint(to, bytes ? static_cast<int64_t>(bytes->size()) : null_length);
  if (bytes && !bytes->empty())
    std::memcpy(to, bytes->data(), bytes->size());
  return to + (bytes ? bytes->size() : 0);
}

size_t body_size(const record_in& record, int64_t timestamp_delta, int32_t offset_delta) {
  auto n = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) + sized(record.key) + sized(record.value) +
           varint_size(static_cast<int64_t>(record.headers.size()));
  for (const auto& h : record.headers)
    n += sized(h.key) + sized(h.value);
  return n;
}

} // namespace

void append_record(std::vector<std::byte>& block, const record_in& record, int64_t timestamp_delta,
                   int32_t offset_delta) {
  const auto body = body_size(record, timestamp_delta, offset_delta);
  const auto before = block.size();
  block.resize(before + varint_size(static_cast<int64_t>(body)) + body);
  auto* to = write_varint(block.data() + before, static_cast<int64_t>(body));
  *to++ = std::byte{0};
  to = write_varint(to, timestamp_delta);
  to = write_varint(to, offset_delta);
  to = write_sized(to, record.key);
  to = write_sized(to, record.value);
  to = write_varint(to, static_cast<int64_t>(record.headers.size()));
  for (const auto& h : record.headers)
    to = write_sized(write_sized(to, h.key), h.value);
}

void append_record(std::vector<std::byte>& block, const record_view& record, int64_t timestamp_delta,
                   int32_t offset_delta) {
  const auto* at = record.bytes.data();
  const auto* end = at + record.bytes.size();
  int32_t length = 0;
  int64_t old_timestamp = 0;
  int32_t old_offset = 0;
  read_varint(at, end, length);
  const auto attributes = *at++;
  read_varint(at, end, old_timestamp);
  read_varint(at, end, old_offset);
  std::byte head[3 * max_varint + 1];
  const auto rest = static_cast<size_t>(end - at);
  auto* to =
    write_varint(head, static_cast<int64_t>(1 + varint_size(timestamp_delta) + varint_size(offset_delta) + rest));
  *to++ = attributes;
  to = write_varint(to, timestamp_delta);
  to = write_varint(to, offset_delta);
  block.insert(block.end(), head, to);
  block.insert(block.end(), at, end);
}

batch_builder& batch_builder::add(const record_in& record) { return add_at(next_delta_, record); }

batch_builder& batch_builder::add_at(int32_t offset_delta, const record_in& record) {
  if (count_ == 0)
    base_timestamp_ = max_timestamp_ = record.timestamp;
  append_record(block_, record, record.timestamp - base_timestamp_, offset_delta);
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  next_delta_ = offset_delta + 1;
  ++count_;
  return *this;
}

result<buffer> batch_builder::finish(int32_t last_offset_delta) {
  header.record_count = count_;
  header.last_offset_delta = std::max({next_delta_ - 1, last_offset_delta, 0});
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = max_timestamp_;
  auto batch = assemble_batch(header, codec_, block_);
  block_.clear();
  count_ = next_delta_ = 0;
  base_timestamp_ = max_timestamp_ = -1;
  return batch;
}

result<buffer> assemble_batch(batch_header header, codec compression, bytes_view block,
                              const compression_levels& levels, size_t limit) {
  buffer compressed;
  if (compression != codec::none) {
    auto out = compress(compression, block, levels, limit - std::min(limit, batch_header_size));
    if (!out)
      return out;
    compressed = std::move(*out);
    block = compressed.view();
  }
  header.attributes = static_cast<int16_t>((header.attributes & ~codec_mask) | static_cast<int16_t>(compression));
  header.batch_length = static_cast<int32_t>(batch_header_size - batch_prefix_size + block.size());
  header.crc = header.compute_crc(block);
  buffer_builder out{batch_header_size + block.size()};
  header.store(out.data());
  if (!block.empty())
    std::memcpy(out.data() + batch_header_size, block.data(), block.size());
  return std::move(out).freeze();
}

} // namespace chisme::log
