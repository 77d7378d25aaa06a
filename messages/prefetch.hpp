// Fetching memory before it is needed: nothing changes but when the processor waits.
#pragma once

#include <cstddef>

namespace chisme {

/// All lines of `bytes` bytes at `begin`. Any address will do.
inline void prefetch(const void* begin, size_t bytes) {
  constexpr size_t cache_line = 64;
  for (size_t i = 0; i < bytes; i += cache_line)
    __builtin_prefetch(static_cast<const char*>(begin) + i);
}

template <class T>
void prefetch_object(const T& x) {
  prefetch(&x, sizeof x);
}

} // namespace chisme
