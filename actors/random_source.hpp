// Random bits and ids. A node has one seed; whoever needs randomness gets a source of its own, split off from another
// one, so that no two threads share any and a simulation repeats itself.
#pragma once

#include "messages/ids.hpp"

#include <cstdint>
#include <functional>
#include <random>

namespace chisme {

/// Belongs to one thread or actor at a time.
class random_source {
public:
  explicit random_source(std::seed_seq& seed) : bits_(seed) {}
  explicit random_source(uint64_t seed) : bits_(seed) {}
  random_source(random_source&&) = default;
  random_source& operator=(random_source&&) = default;

  uint64_t bits() { return bits_(); }
  /// A UUID of version 4.
  uuid id();
  /// Another one, which has nothing to do with what this one goes on to give.
  random_source split();
  /// Draws ids from this one. Copies of what it returns share it, and belong to one actor.
  std::function<uuid()> ids() &&;

private:
  std::mt19937_64 bits_;
};

} // namespace chisme
