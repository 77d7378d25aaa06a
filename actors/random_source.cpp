#include "actors/random_source.hpp"

#include <array>
#include <cstring>
#include <memory>

namespace chisme {

uuid random_source::id() {
  uuid id;
  for (size_t i = 0; i < id.bytes.size(); i += 8) {
    const auto eight = bits();
    std::memcpy(id.bytes.data() + i, &eight, 8);
  }
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

/// By more bits than one draw gives: sources of a node, and of all its starts, never meet.
random_source random_source::split() {
  std::array<uint32_t, 8> words;
  for (auto& w : words)
    w = static_cast<uint32_t>(bits() >> 32);
  std::seed_seq seed(words.begin(), words.end());
  return random_source{seed};
}

std::function<uuid()> random_source::ids() && {
  return [own = std::make_shared<random_source>(std::move(*this))] { return own->id(); };
}

} // namespace chisme
