// Counts what this process allocates and copies, in all threads.
//
// operator new, memcpy and memmove are replaced in this program; copies count from `least_copy` bytes on, since
// smaller ones are mostly compiled in place and none of them is a batch. What the kernel copies (recv, pwritev)
// does not count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chisme::bench {

inline constexpr size_t least_copy = 64;

struct counted {
  uint64_t allocations = 0;
  uint64_t allocated_bytes = 0;
  uint64_t copied_bytes = 0;

  friend counted operator-(const counted& a, const counted& b) {
    return {a.allocations - b.allocations, a.allocated_bytes - b.allocated_bytes, a.copied_bytes - b.copied_bytes};
  }
};

/// Since the program began.
counted count();

} // namespace chisme::bench
