// What a crowd has read: which of its members reads each partition, since when, and how steadily.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace chisme::bench {

/// Invariant: a partition has one reader at most. began() throws where somebody else reads it: the node promises
/// that this never happens (P3), and a rebalance that breaks it is not worth measuring.
class board {
public:
  /// `resumes`: a new reader goes on where the last one was; otherwise it begins at offset 0.
  board(size_t partitions, bool resumes) : all_(partitions), resumes_(resumes) {}

  /// Returns the offset to begin at.
  int64_t began(int32_t partition, size_t reader);
  void ended(int32_t partition);
  /// Records up to `next_offset` have come.
  void arrived(int32_t partition, size_t reader, int64_t next_offset, double when);

  /// Whether every partition's reader has got a record of it.
  bool all_read() const;
  /// The latest time at which a reader got the first record of a partition.
  double last_first() const;
  /// When `reader` got its first record of a partition that it reads; nothing: it has none yet.
  std::optional<double> first_of(size_t reader) const;

  /// Gaps are counted from now on; partitions that `newcomer` gets do not count.
  void count_gaps(double now, size_t newcomer);
  /// The longest time in which a partition gave no record, up to `now`.
  double longest_gap(double now) const;

private:
  struct entry {
    std::optional<size_t> reader;
    std::optional<double> first;
    int64_t position = 0;
    double last = 0;
    double gap = 0;
    bool moved = false; ///< the newcomer had it
  };

  std::vector<entry> all_;
  bool resumes_;
  size_t newcomer_ = SIZE_MAX;
};

} // namespace chisme::bench
