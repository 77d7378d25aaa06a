#include "nodes/id_source.hpp"

#include <cstring>

namespace chisme::nodes {

uint64_t id_source::bits() {
  std::lock_guard guard{mutex_};
  return random_();
}

uuid id_source::operator()() {
  uuid id;
  {
    std::lock_guard lock{mutex_};
    for (size_t i = 0; i < id.bytes.size(); i += 8) {
      const auto bits = random_();
      std::memcpy(id.bytes.data() + i, &bits, 8);
    }
  }
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

} // namespace chisme::nodes
