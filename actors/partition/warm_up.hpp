// How a question that the log cannot answer from memory comes to its answer: somebody else reads the range that it met
// first, it is asked again, and so on. What the disk fails is not asked for again. Pure.
#pragma once

#include "actors/log/cold_reads.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace chisme::partition {

class warm_up {
public:
  /// From here on it may wait for the disk itself: the memory loses what is read for it faster than it comes back to
  /// it.
  bool is_over() const { return losses_ >= most_losses || rounds_ >= most_rounds; }

  /// What could not be read, and why.
  void failed(log::cold_range what, error why) { failures_.push_back({std::move(what), std::move(why)}); }
  const std::vector<log::failed_read>& failures() const { return failures_; }

  /// The next range to read: at least `cold`. It is made larger round by round, so that a walk over any number of
  /// headers takes a few of them.
  log::cold_range widened(log::cold_range cold) {
    const auto block = smallest << std::min(rounds_, doublings);
    ++rounds_;
    if (cold.file == last_.file && cold.position >= last_.position && cold.position < last_.position + last_.length)
      ++losses_;
    const auto end = cold.position + cold.length;
    cold.position -= cold.position % smallest;
    cold.length = std::max(end - cold.position, block);
    last_ = cold;
    return cold;
  }

private:
  /// So often what was read has to be read once more.
  static constexpr int most_losses = 3;
  /// A question about times may go through hundreds of segments, some rounds for each.
  static constexpr int most_rounds = 10'000;
  /// A small read brings in no more than it asked for. From 64 KiB to 32 MiB.
  static constexpr uint64_t smallest = 64 << 10;
  static constexpr int doublings = 9;

  int rounds_ = 0;
  int losses_ = 0;
  log::cold_range last_;
  std::vector<log::failed_read> failures_;
};

} // namespace chisme::partition
