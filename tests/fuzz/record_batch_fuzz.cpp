// What a Produce request carries: frame, header, records, and the leader's rules over them.
#include "actors/log/batch_validator.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace chisme;

constexpr size_t limit = 1u << 20;

/// What a batch that may be stored says of its records is so, and every reader can read them.
void check(const log::batch_info& valid) {
  const auto& h = valid.header;
  fuzz::require(h.crc == h.compute_crc(valid.body) && h.size() == log::batch_header_size + valid.body.size());
  auto block = log::decompress(h.compression(), valid.body, h.compression() == log::codec::none ? SIZE_MAX : limit);
  fuzz::require(block.has_value());
  log::record_reader records{*block};
  timestamp_ms max = -1;
  int32_t count = 0;
  for (; auto r = records.next(); ++count) {
    fuzz::require(r->offset_delta == count);
    max = std::max(max, static_cast<timestamp_ms>(static_cast<uint64_t>(h.base_timestamp) +
                                                  static_cast<uint64_t>(r->timestamp_delta)));
  }
  fuzz::require(records.at_end() && count == h.record_count && h.last_offset_delta == count - 1);
  fuzz::require(h.is_log_append_time() || h.max_timestamp == max);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  topic_settings settings;
  fuzz::input in{data, size};
  const auto choice = in.byte();
  settings.cleanup_compact = choice & 1;
  settings.compression = static_cast<topic_compression>((choice >> 1) % 6);
  settings.timestamps = choice & 0x40 ? timestamp_type::log_append_time : timestamp_type::create_time;
  settings.max_decompressed_bytes = limit;
  const log::validation_rules rules{&settings, 13};
  std::string bytes{in.rest()};
  // Most inputs would end at the CRC: make it right, so that what lies behind is reached.
  if (bytes.size() >= log::batch_header_size) {
    auto h = log::batch_header::parse(as_bytes(bytes).data());
    h.magic = log::current_magic;
    h.base_offset = 0;
    h.batch_length = static_cast<int32_t>(bytes.size() - log::batch_prefix_size);
    h.crc = h.compute_crc(as_bytes(bytes).subspan(log::batch_header_size));
    h.store(reinterpret_cast<std::byte*>(bytes.data()));
  }
  if (auto valid = log::validate(as_bytes(bytes), rules, 1'000'000))
    check(*valid);
  log::batch_reader batches{as_bytes(fuzz::input{data, size}.rest())};
  while (auto batch = batches.next()) {
    log::record_reader records{batch->body()};
    while (auto r = records.next()) {
      log::record_header_reader headers{r->headers};
      while (headers.next()) {
      }
    }
  }
  return 0;
}
