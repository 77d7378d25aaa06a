// The file of producer_state; its format is in the header.
#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/producer_state.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr int16_t snapshot_version = 1;
constexpr size_t covered_from = 6; // the CRC covers what follows it
constexpr size_t preamble_size = 10;
constexpr size_t entry_size = 46;

std::byte* store_entry(std::byte* to, int64_t id, const producer_entry& p, const producer_batch& b) {
  to = store_be(to, id);
  to = store_be(to, p.epoch);
  to = store_be(to, b.last_sequence);
  to = store_be(to, b.last_offset);
  to = store_be(to, b.offset_delta);
  to = store_be(to, b.timestamp);
  to = store_be(to, p.coordinator_epoch);
  return store_be(to, p.transaction_first_offset);
}

/// The first sequence of a batch that ends with `last` and has `delta` + 1 records, with the wrap.
int32_t first_sequence_of(int32_t last, int32_t delta) {
  if (last < 0)
    return no_sequence;
  const auto first = static_cast<int64_t>(last) - delta;
  return static_cast<int32_t>(first >= 0 ? first : first + (int64_t{1} << 31));
}

/// A producer of which only the epoch is known (after a transaction marker) is written as one batch at -1.
size_t entries_of(const producer_entry& p) { return std::max<size_t>(1, p.batches().size()); }

} // namespace

std::string producer_state::snapshot() const {
  size_t count = 0;
  for (const auto& [id, p] : producers_)
    count += entries_of(p);
  std::string out(preamble_size + count * entry_size, '\0');
  auto* begin = reinterpret_cast<std::byte*>(out.data());
  auto* to = store_be(begin + covered_from, static_cast<int32_t>(count));
  for (const auto& [id, p] : producers_) {
    if (p.batches().empty())
      to = store_entry(to, id, p, {no_sequence, no_sequence, -1, 0, p.last_timestamp});
    for (const auto& b : p.batches())
      to = store_entry(to, id, p, b);
  }
  store_be(begin, snapshot_version);
  store_be(begin + 2, crc32c_of(as_bytes(out).subspan(covered_from)));
  return out;
}

result<producer_state> producer_state::load(std::string_view snapshot, const std::string& path) {
  const auto bytes = as_bytes(snapshot);
  if (bytes.size() < preamble_size)
    return fail(error_code::kafka_storage_error, path + ": damaged, too short for a producer snapshot");
  if (const auto version = load_be<int16_t>(bytes.data()); version != snapshot_version)
    return fail(error_code::kafka_storage_error,
                path + ": producer snapshot of version " + std::to_string(version) + ", not " +
                  std::to_string(snapshot_version));
  const auto count = load_be<int32_t>(bytes.data() + covered_from);
  if (load_be<uint32_t>(bytes.data() + 2) != crc32c_of(bytes.subspan(covered_from)) || count < 0 ||
      bytes.size() != preamble_size + static_cast<size_t>(count) * entry_size)
    return fail(error_code::kafka_storage_error, path + ": damaged, its CRC does not match");
  producer_state out;
  const auto* at = bytes.data() + preamble_size;
  for (int32_t i = 0; i < count; ++i, at += entry_size) {
    auto& p = out.producers_[load_be<int64_t>(at)];
    producer_batch b;
    b.last_sequence = load_be<int32_t>(at + 10);
    b.last_offset = load_be<int64_t>(at + 14);
    b.offset_delta = load_be<int32_t>(at + 22);
    b.timestamp = load_be<int64_t>(at + 26);
    b.first_sequence = first_sequence_of(b.last_sequence, b.offset_delta);
    p.add(load_be<int16_t>(at + 8), b);
    p.coordinator_epoch = load_be<int32_t>(at + 34);
    p.transaction_first_offset = load_be<int64_t>(at + 38);
    p.last_timestamp = std::max(p.last_timestamp, b.timestamp);
  }
  return out;
}

} // namespace chisme::log
