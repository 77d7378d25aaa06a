// A hash whose values nobody can foresee who does not know the key: for tables of what clients choose. SipHash-2-4.
#pragma once

#include "messages/buffer.hpp"

#include <cstdint>

namespace chisme {

struct hash_key {
  uint64_t first = 0;
  uint64_t second = 0;
};

uint64_t keyed_hash(const hash_key& key, bytes_view bytes);

} // namespace chisme
