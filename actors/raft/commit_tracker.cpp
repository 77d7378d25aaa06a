#include "actors/raft/commit_tracker.hpp"

#include <algorithm>
#include <cassert>

namespace chisme::raft {

namespace {

bool contains(const std::vector<node_id>& ids, node_id id) { return std::ranges::binary_search(ids, id); }

} // namespace

commit_tracker::commit_tracker(const configuration& voters, position epoch_start, offset_t high_watermark)
  : voters_(voters.voters().size()), outgoing_(voters.outgoing().size()), epoch_start_(epoch_start),
    high_watermark_(high_watermark) {
  assert(high_watermark <= epoch_start.offset);
  const auto all = voters.everybody();
  reports_.reserve(all.size());
  for (auto voter : all)
    reports_.push_back({voter, -1, contains(voters.voters(), voter), contains(voters.outgoing(), voter)});
}

std::optional<offset_t> commit_tracker::synced(node_id voter, position end) {
  const auto i = std::ranges::find(reports_, voter, &report::voter);
  if (i == reports_.end() || end.epoch != epoch_start_.epoch || end.offset <= i->end)
    return std::nullopt;
  i->end = end.offset;
  const auto reached = majority_offset();
  has_mark_ = reached >= epoch_start_.offset;
  if (!has_mark_ || reached <= high_watermark_)
    return std::nullopt;
  high_watermark_ = reached;
  return reached;
}

offset_t commit_tracker::held_by(size_t voters) const {
  offset_t best = 0;
  for (const auto& candidate : reports_) {
    const auto reached = std::ranges::count_if(reports_, [&](const report& r) { return r.end >= candidate.end; });
    if (static_cast<size_t>(reached) >= voters)
      best = std::max(best, candidate.end);
  }
  return best;
}

offset_t commit_tracker::majority_offset() const {
  const auto of_voters = majority_offset(&report::is_of_voters, voters_);
  return outgoing_ == 0 ? of_voters : std::min(of_voters, majority_offset(&report::is_of_outgoing, outgoing_));
}

/// The largest end that more than half of them have reached. They are few: each end is held against all.
offset_t commit_tracker::majority_offset(bool report::*of, size_t size) const {
  offset_t best = -1;
  for (const auto& candidate : reports_) {
    const auto reached =
      std::ranges::count_if(reports_, [&](const report& r) { return r.*of && r.end >= candidate.end; });
    if (candidate.end > best && static_cast<size_t>(reached) > size / 2)
      best = candidate.end;
  }
  return best;
}

} // namespace chisme::raft
