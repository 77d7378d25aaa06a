// What is in an answer of a log.
#pragma once

#include "actors/log/files.hpp"
#include "messages/payload.hpp"

#include <string>

namespace chisme::test {

/// The bytes of a payload, from memory and from the log's files.
inline std::string bytes_of(const payload& p) {
  std::string out;
  for (const auto& part : p.parts()) {
    if (const auto* memory = std::get_if<buffer>(&part)) {
      out += as_chars(*memory);
      continue;
    }
    const auto& slice = std::get<file_slice>(part);
    auto& file = const_cast<log::file&>(*static_cast<const log::file*>(slice.owner.get()));
    std::string bytes(slice.length, '\0');
    const auto n = file.read_at(slice.position, std::as_writable_bytes(std::span{bytes}));
    bytes.resize(n.value_or(0));
    out += bytes;
  }
  return out;
}

} // namespace chisme::test
