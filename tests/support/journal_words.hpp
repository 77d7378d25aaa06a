// Journals as tests write them.
#pragma once

#include "actors/journal/batch.hpp"
#include "actors/log/record_batch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::test {

inline journal::entry put(std::string_view key, std::string_view value) {
  return {buffer::copy_of(key), buffer::copy_of(value)};
}

/// One batch, as a log has it at this offset.
inline buffer batch_at(offset_t base, const journal::entries& entries) {
  journal::batch b{1000};
  for (const auto& e : entries)
    b.add(e);
  auto bytes = std::string{as_chars(b.finish().records)};
  auto header = log::batch_header::parse(as_bytes(bytes).data());
  header.base_offset = base;
  header.store(reinterpret_cast<std::byte*>(bytes.data()));
  return buffer::copy_of(bytes);
}

inline partition::read_result found(std::vector<buffer> batches, offset_t high_watermark) {
  partition::read_result r;
  for (auto& b : batches)
    r.records.append(std::move(b));
  r.high_watermark = high_watermark;
  return r;
}

} // namespace chisme::test
