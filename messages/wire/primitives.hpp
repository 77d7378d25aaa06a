// Big-endian integers, unsigned varints and the compile-time names of field types: what all visitors share.
#pragma once

#include "messages/buffer.hpp"
#include "messages/ids.hpp"
#include "messages/payload.hpp"

#include <bit>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace chisme::wire {

/// Integers and enumerations over integers; bool travels as one byte and is treated apart.
template <class T>
concept integer = (std::integral<T> || std::is_enum_v<T>)&&!std::same_as<T, bool>;

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// A struct that describes itself with a static visit(f, x): whatever is none of the other field types.
template <class T>
concept described =
  std::is_class_v<T> && !is_vector<T>::value && !is_optional<T>::value && !std::same_as<T, std::string> &&
  !std::same_as<T, buffer> && !std::same_as<T, payload> && !std::same_as<T, uuid>;

/// The unsigned integer of T's size; enumerations count as what they are stored in.
template <size_t Size>
using unsigned_of_size =
  std::conditional_t<Size == 1, uint8_t,
                     std::conditional_t<Size == 2, uint16_t, std::conditional_t<Size == 4, uint32_t, uint64_t>>>;

/// Writes sizeof(T) bytes; compilers turn the loop into one swapped store.
template <integer T>
inline void store_big_endian(std::byte* out, T value) {
  auto bits = static_cast<unsigned_of_size<sizeof(T)>>(value);
  for (size_t i = 0; i < sizeof(T); ++i)
    out[i] = static_cast<std::byte>(bits >> (8 * (sizeof(T) - 1 - i)));
}

/// Reads sizeof(T) bytes.
template <integer T>
inline T load_big_endian(const std::byte* in) {
  unsigned_of_size<sizeof(T)> bits = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    bits = static_cast<decltype(bits)>((uint64_t{bits} << 8) | std::to_integer<uint8_t>(in[i]));
  return static_cast<T>(bits);
}

/// Bytes that an unsigned varint takes: 1 to 5.
inline size_t uvarint_size(uint32_t value) {
  return value == 0 ? 1 : (static_cast<size_t>(std::bit_width(value)) + 6) / 7;
}

/// Writes value, least significant seven bits first; returns the byte behind it.
inline std::byte* store_uvarint(std::byte* out, uint32_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::byte>(value);
  return out;
}

} // namespace chisme::wire
