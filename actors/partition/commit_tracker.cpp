#include "actors/partition/commit_tracker.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <vector>

namespace chisme::partition {

commit_tracker::commit_tracker(const configuration& voters, position epoch_start, offset_t high_watermark)
  : epoch_start_(epoch_start), high_watermark_(high_watermark) {
  assert(high_watermark <= epoch_start.offset);
  for (auto voter : voters.voters())
    synced_.emplace(voter, -1);
}

std::optional<offset_t> commit_tracker::synced(node_id voter, position end) {
  auto i = synced_.find(voter);
  if (i == synced_.end() || end.epoch != epoch_start_.epoch || end.offset <= i->second)
    return std::nullopt;
  i->second = end.offset;
  auto reached = majority_offset();
  if (reached < epoch_start_.offset || reached <= high_watermark_)
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
