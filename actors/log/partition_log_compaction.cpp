// The owner's half of compaction: what to compact, and putting the outcome in place.
#include "actors/log/compaction.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/partition_log.hpp"
#include "actors/log/swap_files.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// Whether enough of `plan` is new to be worth the work.
bool worth_it(const compaction_plan& plan, double least_ratio) {
  uint64_t all = 0;
  uint64_t dirty = 0;
  for (const auto& s : plan.segments) {
    all += s.size;
    if (s.end_offset > plan.dirty_from)
      dirty += s.size;
  }
  return dirty > 0 && static_cast<double>(dirty) >= least_ratio * static_cast<double>(all);
}

} // namespace

result<std::optional<compaction_plan>> partition_log::plan_compaction(timestamp_ms now, offset_t high_watermark) {
  if (auto ok = check_usable(); !ok)
    return tl::make_unexpected(ok.error());
  const auto& point = point_file_.point();
  if (!settings_.cleanup_compact || !point)
    return std::nullopt;
  const auto limit = std::min({high_watermark, synced_offset_, point->segment_base});
  compaction_plan plan;
  bool overdue = false;
  for (size_t i = 0; i + 1 < segments_.size() && end_of(i) <= limit; ++i) {
    auto& s = *segments_[i];
    auto newest = s.newest_time();
    if (!newest)
      return tl::make_unexpected(newest.error());
    if (now - *newest < settings_.min_compaction_lag_ms)
      break;
    overdue |= end_of(i) > compacted_upto_ && now - *newest > settings_.max_compaction_lag_ms;
    plan.segments.push_back({s.base_offset(), end_of(i), s.log(), s.size()});
  }
  plan.directory = dir_;
  plan.dirty_from = compacted_upto_;
  plan.last_committed = high_watermark - 1;
  plan.now = now;
  plan.delete_retention_ms = settings_.delete_retention_ms;
  plan.segment_bytes = settings_.segment_bytes;
  plan.index_interval_bytes = settings_.index_interval_bytes;
  plan.log_is_gone = is_gone_;
  if (!worth_it(plan, overdue ? 0.0 : settings_.min_cleanable_dirty_ratio))
    return std::nullopt;
  for (const auto& producer : producers_.producers())
    if (const auto* last = producer.last())
      plan.producer_last_offsets.insert(last->last_offset);
  return plan;
}

// The point is durable before anything is replaced, and it lies behind all of it. Below compacted_upto_ one record a
// key is left: that is so when all groups are in place. On the way there it says of each group that gaps are allowed in
// it, durably before it is replaced.
result<void> partition_log::swap_in(const compaction_result& outcome) {
  if (auto ok = check_usable(); !ok)
    return ok;
  for (const auto& group : outcome.groups) {
    const auto first = segment_index(group.replaces.front().base_offset);
    if (!still_there(group, first)) {
      discard(*disk_, dir_, outcome.groups);
      return fail(error_code::operation_not_attempted, dir_ + ": the log was cut while it was compacted");
    }
  }
  if (!point_file_.point())
    return fail(error_code::operation_not_attempted, dir_ + ": nothing is known to be synced");
  if (!point_file_.is_durable())
    if (auto ok = write_point(*point_file_.point(), true); !ok)
      return ok;
  forget_hints();
  for (const auto& group : outcome.groups)
    if (auto ok = swap_group(group); !ok) {
      failure_ = ok.error(); // the folder holds half of it: opening the log again finishes the rest
      return ok;
    }
  compacted_upto_ = std::max(compacted_upto_, outcome.compacted_upto);
  return write_point(*point_file_.point(), false);
}

bool partition_log::still_there(const compacted_group& group, size_t first) const {
  for (size_t i = 0; i < group.replaces.size(); ++i)
    if (first + i + 1 >= segments_.size() || segments_[first + i]->log() != group.replaces[i].log)
      return false;
  return true;
}

result<void> partition_log::allow_gaps(offset_t base) {
  if (base < compacted_upto_)
    return {};
  compacted_upto_ = base + 1;
  return write_point(*point_file_.point(), true);
}

result<void> partition_log::swap_group(const compacted_group& group) {
  const auto base = group.replaces.front().base_offset;
  const auto first = segment_index(base);
  const auto count = group.replaces.size();
  if (auto ok = commit_swap(*disk_, dir_, base); !ok)
    return ok;
  if (auto ok = allow_gaps(base); !ok)
    return ok;
  for (size_t i = 1; i < count; ++i)
    if (auto ok = segments_[first + i]->remove(); !ok)
      return ok;
  // None of them may come back beside the one that stands for them.
  if (count > 1)
    if (auto ok = disk_->sync_directory(dir_); !ok)
      return ok;
  auto sizes = finish_swap(*disk_, dir_, base);
  if (!sizes)
    return tl::make_unexpected(sizes.error());
  auto fresh = segment::open(*disk_, dir_, base, *sizes, settings_.index_interval_bytes);
  if (!fresh)
    return tl::make_unexpected(fresh.error());
  for (size_t i = 0; i < count; ++i)
    removed_.push_back(segments_[first + i]->log());
  segments_[first] = std::move(*fresh);
  const auto at = segments_.begin() + static_cast<std::ptrdiff_t>(first);
  segments_.erase(at + 1, at + static_cast<std::ptrdiff_t>(count));
  return {};
}

} // namespace chisme::log
