#include "actors/raft/log_view.hpp"

#include <algorithm>

namespace chisme::raft {

leader_epoch_t log_view::last_epoch() const { return marks.marks().empty() ? -1 : marks.marks().back().epoch; }

bool log_view::holds(position p) const {
  if (p.epoch < 0)
    return p == before_all && start == 0;
  const auto& all = marks.marks();
  const auto i = std::ranges::lower_bound(all, p.epoch, {}, &log::epoch_mark::epoch);
  if (i == all.end() || i->epoch != p.epoch || p.offset < i->start_offset)
    return false;
  const auto next = std::next(i);
  return p.offset <= (next == all.end() ? end : next->start_offset);
}

position log_view::end_of(leader_epoch_t epoch) const {
  const auto& all = marks.marks();
  const auto behind = std::ranges::upper_bound(all, epoch, {}, &log::epoch_mark::epoch);
  if (behind == all.begin())
    return before_all;
  return {std::prev(behind)->epoch, behind == all.end() ? end : behind->start_offset};
}

} // namespace chisme::raft
