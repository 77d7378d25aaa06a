#include "actors/log/verified_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace chisme::log {

void verified_ranges::add(uint64_t begin, uint64_t end) {
  if (begin >= end)
    return;
  auto i = ranges_.upper_bound(begin);
  if (i != ranges_.begin() && std::prev(i)->second >= begin)
    --i;
  for (; i != ranges_.end() && i->first <= end; i = ranges_.erase(i)) {
    begin = std::min(begin, i->first);
    end = std::max(end, i->second);
  }
  ranges_.emplace(begin, end);
  if (ranges_.size() > most) {
    const auto size_of = [](const auto& r) { return r.second - r.first; };
    ranges_.erase(std::ranges::min_element(ranges_, {}, size_of));
  }
}

uint64_t verified_ranges::until(uint64_t position) const {
  auto i = ranges_.upper_bound(position);
  if (i == ranges_.begin())
    return position;
  return std::max(position, std::prev(i)->second);
}

} // namespace chisme::log
