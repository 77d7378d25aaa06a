// How long to wait before something that failed is tried again: longer each time, within bounds.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace chisme {

class retry_delay {
public:
  constexpr retry_delay(std::chrono::milliseconds first, std::chrono::milliseconds longest)
    : first_(first), longest_(longest) {}

  /// Twice the last one.
  constexpr std::chrono::milliseconds next() { return last_ = std::clamp(last_ * 2, first_, longest_); }
  /// It worked.
  constexpr void reset() { last_ = {}; }

private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::chrono::milliseconds last_{0};
};

/// At least half of `delay` and at most all of it, by `random`: many that failed together do not try together again.
constexpr std::chrono::milliseconds spread(std::chrono::milliseconds delay, uint64_t random) {
  const auto half = delay / 2;
  return half + std::chrono::milliseconds{random % static_cast<uint64_t>((delay - half).count() + 1)};
}

} // namespace chisme
