// Which parts of a file have been found whole: disjoint, sorted ranges of positions, few of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace chisme::log {

class verified_ranges {
public:
  /// More than this many ranges are not kept: the smallest goes.
  static constexpr size_t most = 16;

  /// [begin, end) is whole. Ranges that touch become one.
  void add(uint64_t begin, uint64_t end);
  /// Up to where everything from `position` on is known to be whole; `position` itself where nothing is.
  uint64_t until(uint64_t position) const;
  void clear() { ranges_.clear(); }
  bool empty() const { return ranges_.empty(); }

private:
  std::map<uint64_t, uint64_t> ranges_; // begin to end
};

} // namespace chisme::log
