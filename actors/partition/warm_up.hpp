// How a question that the log cannot answer from memory comes to its answer: somebody else reads the range that it met
// first, it is asked again, and so on. Pure.
#pragma once

#include "actors/log/cold_reads.hpp"

#include <algorithm>

namespace chisme::partition {

class warm_up {
public:
  /// From here on it may wait for the disk itself: the memory loses what is read for it faster than it comes back to it.
  bool is_over() const { return rounds_ >= most_rounds; }
  static warm_up over() {
    warm_up w;
    w.rounds_ = most_rounds;
    return w;
  }

  /// The next range to read: at least `cold`. It is made larger round by round, so that a walk over any number of headers
  /// takes a few of them.
  log::cold_range widened(log::cold_range cold) {
    const auto block = smallest << std::min(rounds_, doublings);
    ++rounds_;
    const auto end = cold.position + cold.length;
    cold.position -= cold.position % smallest;
    cold.length = std::max(end - cold.position, block);
    return cold;
  }

private:
  static constexpr int most_rounds = 24;
  /// A small read brings in no more than it asked for. From 64 KiB to 32 MiB.
  static constexpr uint64_t smallest = 64 << 10;
  static constexpr int doublings = 9;

  int rounds_ = 0;
};

} // namespace chisme::partition
