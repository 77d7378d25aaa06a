// Keys and values of `__consumer_offsets`: an int16, then the fields of a message in that version.
#pragma once

#include "messages/wire/codec.hpp"
#include "messages/wire/primitives.hpp"

#include <optional>

namespace chisme::groups {

/// The int16 in front; nullopt where there is not even that.
inline std::optional<int16_t> version_of(const buffer& bytes) {
  if (bytes.size() < sizeof(int16_t))
    return std::nullopt;
  return wire::load_big_endian<int16_t>(bytes.data());
}

template <class T>
buffer write_versioned(const T& message, int16_t version) {
  const auto fields = chisme::encode(message, version);
  const auto& body = std::get<buffer>(fields.parts().front());
  buffer_builder out{sizeof version + body.size()};
  wire::store_big_endian(out.data(), version);
  std::memcpy(out.data() + sizeof version, body.data(), body.size());
  return std::move(out).freeze();
}

template <class T>
result<T> read_versioned(const buffer& bytes) {
  const auto version = version_of(bytes);
  if (!version)
    return fail(error_code::corrupt_message, std::string{T::type_name} + " without a version");
  return chisme::decode<T>(bytes.slice(sizeof(int16_t)), *version);
}

} // namespace chisme::groups
