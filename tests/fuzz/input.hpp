// What fuzz targets share: the input, eaten from the front, and what must hold.
#pragma once

#include "messages/buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace chisme::fuzz {

/// Ends the run with this input where it does not hold.
inline void require(bool held) {
  if (!held)
    std::abort();
}

/// A block that ends with the bytes, so that whoever reads behind them is seen. Behind those of buffer::copy_of() the
/// block goes on for a few bytes.
inline buffer exact_copy(std::string_view bytes) {
  std::shared_ptr<std::byte[]> block{new std::byte[bytes.size()]};
  std::ranges::copy(as_bytes(bytes), block.get());
  return {block, {block.get(), bytes.size()}};
}

/// Each call takes what it gives. What is not there any more reads as 0, or as fewer bytes.
class input {
public:
  input(const uint8_t* data, size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

  size_t size() const { return left_.size(); }
  bool empty() const { return left_.empty(); }

  uint8_t byte() { return static_cast<uint8_t>(number(1)); }
  /// Of so many bytes, the highest first.
  size_t number(size_t bytes) {
    size_t n = 0;
    for (const char c : take(bytes))
      n = n << 8 | static_cast<uint8_t>(c);
    return n;
  }
  std::string_view take(size_t at_most) {
    const auto taken = left_.substr(0, at_most);
    left_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return take(size()); }

private:
  std::string_view left_;
};

} // namespace chisme::fuzz
