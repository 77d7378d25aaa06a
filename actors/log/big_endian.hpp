// Numbers in network byte order, as record batches, indexes and snapshots hold them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace chisme::log {

namespace detail {

template <class T>
constexpr T swap_bytes(T value) {
  if constexpr (sizeof(T) == 1)
    return value;
  else if constexpr (sizeof(T) == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  else if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  else
    return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
}

} // namespace detail

/// The number at `from`, which needs no alignment and must have sizeof(T) bytes behind it.
template <class T>
T load_be(const std::byte* from) {
  static_assert(std::is_integral_v<T> && std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, from, sizeof(T));
  return detail::swap_bytes(value);
}

/// The reverse; returns the place behind the number.
template <class T>
std::byte* store_be(std::byte* to, T value) {
  static_assert(std::is_integral_v<T> && std::endian::native == std::endian::little);
  value = detail::swap_bytes(value);
  std::memcpy(to, &value, sizeof(T));
  return to + sizeof(T);
}

} // namespace chisme::log
