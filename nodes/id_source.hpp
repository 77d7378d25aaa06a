// Random ids (UUID version 4) and bits, the only randomness of a node. Thread-safe: actors on all scheduler threads draw from one.
#pragma once

#include "messages/ids.hpp"

#include <mutex>
#include <random>

namespace chisme::nodes {

class id_source {
public:
  uuid operator()();
  uint64_t bits();

private:
  std::mutex mutex_;
  std::mt19937_64 random_{[] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }()}; // under mutex_
};

} // namespace chisme::nodes
