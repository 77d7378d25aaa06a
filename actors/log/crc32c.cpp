#include "actors/log/crc32c.hpp"

#include <algorithm>
#include <isa-l/crc.h>

namespace chisme::log {

crc32c& crc32c::add(bytes_view bytes) {
  constexpr size_t most = 1u << 30; // the library counts in int
  while (!bytes.empty()) {
    auto n = std::min(bytes.size(), most);
    // The library's signature lacks a const; it only reads.
    auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
    state_ = crc32_iscsi(data, static_cast<int>(n), state_);
    bytes = bytes.subspan(n);
  }
  return *this;
}

} // namespace chisme::log
