// CRC-32C (Castagnoli), the checksum of record batches, snapshots and checkpoints.
#pragma once

#include "messages/buffer.hpp"

#include <cstdint>

namespace chisme::log {

/// Computed in pieces with the CPU's own instruction: `value()` is the checksum of all bytes added so far
/// (reflected, initial and final xor ffffffff, as RFC 3720 has it).
class crc32c {
public:
  crc32c& add(bytes_view bytes);
  uint32_t value() const { return ~state_; }

private:
  uint32_t state_ = 0xffffffffu;
};

inline uint32_t crc32c_of(bytes_view bytes) { return crc32c{}.add(bytes).value(); }

} // namespace chisme::log
