// Zig-zag variable-length numbers, as records use them (a varint has at most 5 bytes, a varlong 10).
#pragma once

#include "messages/buffer.hpp"

#include <cstdint>

namespace chisme::log {

inline constexpr size_t max_varint = 10;

/// Reads one number and moves `at` behind it; false where the bytes end too early or the number does not fit T.
/// T is int32_t (varint) or int64_t (varlong).
template <class T>
bool read_varint(const std::byte*& at, const std::byte* end, T& value) {
  if (at != end && (*at & std::byte{0x80}) == std::byte{0}) { // as most are
    const auto one = static_cast<int32_t>(*at++);
    value = (one >> 1) ^ -(one & 1);
    return true;
  }
  uint64_t raw = 0;
  for (int shift = 0; at != end && shift < 70; shift += 7) {
    auto b = static_cast<uint8_t>(*at++);
    if (shift == 63 && (b & 0x7e) != 0)
      return false;
    raw |= static_cast<uint64_t>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) {
      auto wide = static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1);
      value = static_cast<T>(wide);
      return static_cast<int64_t>(value) == wide;
    }
  }
  return false;
}

/// Writes at most max_varint bytes to `to` and returns the place behind them.
inline std::byte* write_varint(std::byte* to, int64_t value) {
  auto raw = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  while (raw >= 0x80) {
    *to++ = static_cast<std::byte>((raw & 0x7f) | 0x80);
    raw >>= 7;
  }
  *to++ = static_cast<std::byte>(raw);
  return to;
}

/// How many bytes write_varint takes.
inline size_t varint_size(int64_t value) {
  std::byte scratch[max_varint];
  return static_cast<size_t>(write_varint(scratch, value) - scratch);
}

} // namespace chisme::log
