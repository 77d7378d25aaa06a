// The file of producer_state; its format is in the header.
#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/producer_state.hpp"

namespace chisme::log {

namespace {

constexpr int16_t snapshot_version = 1;
constexpr size_t covered_from = 6; // the CRC covers what follows it
constexpr size_t preamble_size = 10;
constexpr size_t entry_size = 46;

std::byte* store_entry(std::byte* to, const producer_entry& p, const producer_batch& b) {
  to = store_be(to, p.id);
  to = store_be(to, p.epoch);
  to = store_be(to, b.last_sequence);
  to = store_be(to, b.last_offset);
  to = store_be(to, b.offset_delta);
  to = store_be(to, b.timestamp);
  to = store_be(to, p.coordinator_epoch);
  return store_be(to, p.transaction_first_offset);
}

} // namespace

size_t producer_state::snapshot_size() const { return preamble_size + batches_ * entry_size; }

std::string producer_state::snapshot() const {
  std::string out(snapshot_size(), '\0');
  auto* begin = reinterpret_cast<std::byte*>(out.data());
  auto* to = store_be(begin + covered_from, static_cast<int32_t>(batches_));
  for (const auto& p : producers()) {
    if (p.batches().empty())
      to = store_entry(to, p, {no_sequence, 0, -1, p.last_timestamp});
    for (const auto& b : p.batches())
      to = store_entry(to, p, b);
  }
  store_be(begin, snapshot_version);
  store_be(begin + 2, crc32c_of(as_bytes(out).subspan(covered_from)));
  return out;
}

result<producer_state> producer_state::load(std::string_view snapshot, const std::string& path, size_t most) {
  const auto bytes = as_bytes(snapshot);
  if (bytes.size() < preamble_size)
    return fail(error_code::kafka_storage_error, path + ": damaged, too short for a producer snapshot");
  if (const auto version = load_be<int16_t>(bytes.data()); version != snapshot_version)
    return fail(error_code::kafka_storage_error, path + ": producer snapshot of version " + std::to_string(version) +
                                                   ", not " + std::to_string(snapshot_version));
  const auto count = load_be<int32_t>(bytes.data() + covered_from);
  if (load_be<uint32_t>(bytes.data() + 2) != crc32c_of(bytes.subspan(covered_from)) || count < 0 ||
      bytes.size() != preamble_size + static_cast<size_t>(count) * entry_size)
    return fail(error_code::kafka_storage_error, path + ": damaged, its CRC does not match");
  producer_state out{most};
  const auto* at = bytes.data() + preamble_size;
  for (int32_t i = 0; i < count; ++i, at += entry_size) {
    producer_batch b;
    b.last_sequence = load_be<int32_t>(at + 10);
    b.last_offset = load_be<int64_t>(at + 14);
    b.offset_delta = load_be<int32_t>(at + 22);
    b.timestamp = load_be<int64_t>(at + 26);
    out.use(load_be<int64_t>(at), [&](producer_entry& p) {
      p.add(load_be<int16_t>(at + 8), b);
      p.coordinator_epoch = load_be<int32_t>(at + 34);
      p.transaction_first_offset = load_be<int64_t>(at + 38);
      p.last_timestamp = std::max(p.last_timestamp, b.timestamp);
    });
    out.keep_to_bound();
  }
  return out;
}

} // namespace chisme::log
