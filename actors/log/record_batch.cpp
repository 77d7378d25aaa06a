#include "actors/log/record_batch.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/varint.hpp"

#include <limits>

namespace chisme::log {

std::string_view to_string(codec c) {
  switch (c) {
    case codec::none:
      return "none";
    case codec::gzip:
      return "gzip";
    case codec::snappy:
      return "snappy";
    case codec::lz4:
      return "lz4";
    case codec::zstd:
      return "zstd";
  }
  return "unknown";
}

batch_header batch_header::parse(const std::byte* bytes) {
  batch_header h;
  h.base_offset = load_be<int64_t>(bytes);
  h.batch_length = load_be<int32_t>(bytes + 8);
  h.leader_epoch = load_be<int32_t>(bytes + 12);
  h.magic = load_be<int8_t>(bytes + 16);
  h.crc = load_be<uint32_t>(bytes + 17);
  h.attributes = load_be<int16_t>(bytes + 21);
  h.last_offset_delta = load_be<int32_t>(bytes + 23);
  h.base_timestamp = load_be<int64_t>(bytes + 27);
  h.max_timestamp = load_be<int64_t>(bytes + 35);
  h.producer_id = load_be<int64_t>(bytes + 43);
  h.producer_epoch = load_be<int16_t>(bytes + 51);
  h.base_sequence = load_be<int32_t>(bytes + 53);
  h.record_count = load_be<int32_t>(bytes + 57);
  return h;
}

void batch_header::store(std::byte* to) const {
  to = store_be(to, base_offset);
  to = store_be(to, batch_length);
  to = store_be(to, leader_epoch);
  to = store_be(to, magic);
  to = store_be(to, crc);
  to = store_be(to, attributes);
  to = store_be(to, last_offset_delta);
  to = store_be(to, base_timestamp);
  to = store_be(to, max_timestamp);
  to = store_be(to, producer_id);
  to = store_be(to, producer_epoch);
  to = store_be(to, base_sequence);
  store_be(to, record_count);
}

int32_t add_sequence(int32_t sequence, int32_t steps) {
  constexpr int64_t wrap = int64_t{1} << 31;
  return static_cast<int32_t>((static_cast<int64_t>(sequence) + steps) % wrap);
}

int32_t batch_header::last_sequence() const {
  return base_sequence < 0 ? base_sequence : add_sequence(base_sequence, last_offset_delta);
}

const char* batch_header::insane() const {
  if (magic != current_magic)
    return "its magic byte is not 2";
  if (batch_length < static_cast<int32_t>(batch_header_size - batch_prefix_size))
    return "its length is smaller than a batch header";
  if (last_offset_delta < 0)
    return "its last offset delta is negative";
  if (record_count < 0)
    return "its record count is negative";
  if (base_offset < 0 || base_offset > std::numeric_limits<int64_t>::max() - last_offset_delta - 1)
    return "its base offset is out of range";
  return nullptr;
}

bool batch_header::is_empty() const {
  return record_count == 0 && size() == batch_header_size && crc == compute_crc({});
}

uint32_t batch_header::compute_crc(bytes_view body) const {
  const auto bytes = stamp();
  return crc32c{}.add(bytes_view{bytes}.subspan(crc_covers_from)).add(body).value();
}

bool batch_view::crc_matches() const { return crc32c_of(bytes.subspan(crc_covers_from)) == header.crc; }

std::optional<batch_view> batch_reader::next() {
  if (rest_.empty())
    return std::nullopt;
  if (rest_.size() < batch_header_size) {
    problem_ = "truncated";
    return std::nullopt;
  }
  batch_view batch;
  batch.header = batch_header::parse(rest_.data());
  problem_ = batch.header.insane();
  if (!problem_ && batch.header.size() > rest_.size())
    problem_ = "truncated";
  if (problem_)
    return std::nullopt;
  batch.bytes = rest_.first(batch.header.size());
  rest_ = rest_.subspan(batch.header.size());
  return batch;
}

namespace {

/// Reads a length and that many bytes.
bool read_bytes(const std::byte*& at, const std::byte* end, nullable_bytes& out) {
  int32_t length = 0;
  if (!read_varint(at, end, length) || length < -1 || length > end - at)
    return false;
  out.is_null = length < 0;
  out.bytes = out.is_null ? bytes_view{} : bytes_view{at, static_cast<size_t>(length)};
  at += out.bytes.size();
  return true;
}

bool read_record_header(const std::byte*& at, const std::byte* end, record_header_view& out) {
  nullable_bytes key;
  if (!read_bytes(at, end, key) || key.is_null || !read_bytes(at, end, out.value))
    return false;
  out.key = as_chars(key.bytes);
  return true;
}

bool read_record(const std::byte* at, const std::byte* end, record_view& out) {
  if (at == end)
    return false;
  ++at; // attributes: none are defined
  if (!read_varint(at, end, out.timestamp_delta) || !read_varint(at, end, out.offset_delta) ||
      !read_bytes(at, end, out.key) || !read_bytes(at, end, out.value) || !read_varint(at, end, out.header_count))
    return false;
  if (out.header_count < 0 || out.header_count > end - at)
    return false;
  out.headers = {at, end};
  for (int32_t i = 0; i < out.header_count; ++i) {
    record_header_view header;
    if (!read_record_header(at, end, header))
      return false;
  }
  return at == end;
}

} // namespace

std::optional<record_view> record_reader::next() {
  if (rest_.empty() || failed_)
    return std::nullopt;
  const auto* begin = rest_.data();
  const auto* at = begin;
  const auto* end = begin + rest_.size();
  int32_t length = 0;
  record_view record;
  if (!read_varint(at, end, length) || length < 0 || length > end - at || !read_record(at, at + length, record)) {
    failed_ = true;
    return std::nullopt;
  }
  record.bytes = {begin, at + length};
  rest_ = {at + length, end};
  return record;
}

std::optional<record_header_view> record_header_reader::next() {
  if (rest_.empty())
    return std::nullopt;
  const auto* at = rest_.data();
  const auto* end = at + rest_.size();
  record_header_view header;
  if (!read_record_header(at, end, header))
    return std::nullopt;
  rest_ = {at, end};
  return header;
}

} // namespace chisme::log
