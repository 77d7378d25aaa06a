#include "actors/partition/commit_tracker.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

namespace chisme::partition {

commit_tracker::commit_tracker(std::vector<node_id> voters, offset_t epoch_start, offset_t high_watermark)
  : epoch_start_(epoch_start), high_watermark_(high_watermark) {
  assert(high_watermark <= epoch_start);
  for (auto voter : voters)
    synced_.emplace(voter, -1);
}

std::optional<offset_t> commit_tracker::synced(node_id voter, offset_t end_offset) {
  auto i = synced_.find(voter);
  if (i == synced_.end() || end_offset <= i->second)
    return std::nullopt;
  i->second = end_offset;
  auto reached = majority_offset();
  if (reached < epoch_start_ || reached <= high_watermark_)
    return std::nullopt;
  high_watermark_ = reached;
  return reached;
}

offset_t commit_tracker::majority_offset() const {
  std::vector<offset_t> ends;
  ends.reserve(synced_.size());
  for (const auto& [voter, end] : synced_)
    ends.push_back(end);
  // With the largest first, position size/2 is the smallest offset of a majority.
  auto nth = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() / 2);
  std::nth_element(ends.begin(), nth, ends.end(), std::greater<>{});
  return *nth;
}

} // namespace chisme::partition
