// Any bytes as a record of a journal. The first byte says how long the key is; 255 makes it a tombstone.
#pragma once

#include "actors/journal/entry.hpp"
#include "tests/fuzz/input.hpp"

namespace chisme::fuzz {

inline journal::entry entry_of(input from) {
  constexpr uint8_t tombstone = 255;
  const auto key_size = from.byte();
  if (key_size == tombstone)
    return {exact_copy(from.rest()), std::nullopt};
  auto key = exact_copy(from.take(key_size));
  return {std::move(key), exact_copy(from.rest())};
}

/// What decodes encodes to bytes that decode to the same; the record, where there is one.
auto decoded_and_back(const journal::entry& e, const auto& decode, const auto& encode) {
  auto first = decode(e);
  using found = typename decltype(first)::value_type;
  if (!first || !*first)
    return found{};
  const journal::entry bytes = encode(**first);
  const auto second = decode(bytes);
  require(second && *second == *first);
  return *first;
}

} // namespace chisme::fuzz
