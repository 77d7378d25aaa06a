// Hashes for the comparison of what nodes know. Nodes trust each other here: they are no defence against collisions
// that somebody makes up, and one that happens ends with the next change in its bucket.
#pragma once

#include <cstdint>

namespace chisme::membership {

/// The finalizer of splitmix64: each bit of the result depends on each bit of `x`.
constexpr uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

constexpr uint64_t mixed(uint64_t hash, uint64_t next) { return mixed(hash ^ mixed(next)); }

} // namespace chisme::membership
