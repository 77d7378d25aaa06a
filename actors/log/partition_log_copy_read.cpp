// What is given to another replica that copies this log.
#include "actors/log/partition_log.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// The marks with an epoch above that, at most as many as are given at a time.
std::span<const epoch_mark> marks_behind(const leader_epochs& epochs, leader_epoch_t epoch) {
  const auto& all = epochs.marks();
  const auto later = std::ranges::partition_point(all, [&](const epoch_mark& m) { return m.epoch <= epoch; });
  return std::span{all}.subspan(static_cast<size_t>(later - all.begin()));
}

} // namespace

raft::position partition_log::copy_start() const {
  const auto start = segments_[segment_index(start_offset_)]->base_offset();
  return {epochs_.epoch_of(start), start};
}

peer::raft_mark partition_log::with_configuration(const epoch_mark& m) const {
  peer::raft_mark out{m.epoch, m.start_offset, std::nullopt};
  if (const auto* e = configurations_.at(m.epoch); e && e->epoch == m.epoch)
    out.config = e->config.message();
  return out;
}

log_beginning partition_log::beginning() const {
  log_beginning out;
  const auto at = copy_start();
  out.start = at.offset;
  for (const auto& m : epochs_.marks())
    if (m.start_offset <= at.offset)
      out.marks.push_back(with_configuration(m));
  if (!out.marks.empty())
    if (const auto* in_force = configurations_.at(out.marks.back().epoch))
      out.marks.back().config = in_force->config.message();
  if (const auto then = producers_.before(at.offset); !then.empty())
    out.producers = buffer::copy_of(then.snapshot());
  return out;
}

tl::unexpected<error> partition_log::does_not_hold(raft::position p) const {
  return fail(error_code::offset_out_of_range, dir_ + ": offset " + std::to_string(p.offset) + " in epoch " +
                                                 std::to_string(p.epoch) + " is not a position of this log");
}

/// Nothing where the position is held; `behind_start` where what follows it is not known.
result<void> partition_log::check_held(raft::position prev, bool& behind_start) const {
  const auto& marks = epochs_.marks();
  const auto later = marks_behind(epochs_, prev.epoch);
  const bool is_before_all = prev == raft::before_all && copy_start().offset == 0;
  behind_start = prev.offset < copy_start().offset || (later.size() == marks.size() && !is_before_all);
  if (behind_start)
    return {};
  if (prev.offset > end_offset_ || (!later.empty() && later.front().start_offset < prev.offset))
    return does_not_hold(prev);
  if (is_before_all)
    return {};
  const auto& own = marks[marks.size() - later.size() - 1];
  return own.epoch == prev.epoch && own.start_offset <= prev.offset ? result<void>{} : does_not_hold(prev);
}

result<copy_read> partition_log::read_for_copy(raft::position prev, uint64_t max_bytes,
                                               const std::shared_ptr<answer_memory>& memory) {
  copy_read out;
  out.next = prev;
  if (auto ok = check_held(prev, out.behind_start); !ok || out.behind_start)
    return ok ? result<copy_read>{std::move(out)} : tl::make_unexpected(ok.error());
  auto marks = marks_behind(epochs_, prev.epoch);
  auto upper_bound = end_offset_;
  if (marks.size() > most_marks_copied) {
    upper_bound = marks[most_marks_copied].start_offset;
    marks = marks.first(most_marks_copied);
  }
  if (prev.offset < upper_bound) {
    auto start = find_start(prev.offset, upper_bound, segment::looked_for::batches);
    if (!start)
      return tl::make_unexpected(start.error());
    if (*start && (*start)->batch.header.base_offset < prev.offset)
      return does_not_hold(prev);
    if (*start) {
      (*start)->gives_all = true;
      auto found = read_at(**start, max_bytes, upper_bound, memory);
      if (!found)
        return tl::make_unexpected(found.error());
      out.records = std::move(found->data);
      out.next.offset = found->next_offset;
    }
  }
  // A mark behind missing offsets comes with the batch that follows it.
  for (const auto& m : marks) {
    if (m.start_offset > out.next.offset)
      break;
    out.marks.push_back(with_configuration(m));
    out.next.epoch = m.epoch;
  }
  return out;
}

} // namespace chisme::log
