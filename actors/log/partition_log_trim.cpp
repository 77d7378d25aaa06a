// Taking records away: at the end (truncation), at the start (DeleteRecords, retention), all of them (reset).
#include "actors/log/file_names.hpp"
#include "actors/log/partition_log.hpp"

#include <algorithm>

namespace chisme::log {

result<void> partition_log::remove_first_segments(size_t count) {
  if (count == 0)
    return {};
  forget_hints();
  // The one that is the first from then on has its name on disk before.
  if (auto ok = disk_->sync_directory(dir_); !ok)
    return ok;
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  for (; count > 0; --count) {
    auto& s = *segments_.front();
    std::erase_if(dirty_files_, [&](const dirty_file& d) { return d.file == s.log(); });
    if (auto ok = s.remove(); !ok)
      return ok;
    removed_.push_back(s.log());
    segments_.erase(segments_.begin());
  }
  const auto& point = point_file_.point();
  return point ? write_point(*point, false) : result<void>{};
}

result<void> partition_log::remove_last_segments(size_t keep) {
  while (segments_.size() > keep) {
    forget_hints();
    if (auto ok = touch_directory(dir_); !ok)
      return ok;
    auto& s = active();
    std::erase_if(dirty_files_, [&](const dirty_file& d) { return d.file == s.log(); });
    if (auto ok = s.remove(); !ok)
      return ok;
    removed_.push_back(s.log());
    segments_.pop_back();
  }
  return {};
}

// What a restart would trust must shrink on disk before the data does.
result<void> partition_log::lower_point(const segment& s, uint64_t position, offset_t offset) {
  if (pending_ && pending_->offset > offset)
    pending_.reset();
  const auto& current = point_file_.point();
  if (!current)
    return {};
  if (current->offset <= offset && current->start_offset <= offset) {
    const bool allows_more = current->gaps_upto > gaps_upto_ || current->compacted_upto > compacted_upto_;
    return point_file_.is_durable() && !allows_more ? result<void>{} : write_point(*current, true);
  }
  start_offset_ = std::min(start_offset_, offset);
  recovery_point p;
  p.segment_base = s.base_offset();
  p.position = position;
  p.offset = offset;
  p.max_timestamp_offset = recovery_point::unknown;
  p.snapshot_offset = recovery_point::unknown;
  return write_point(p, true);
}

/// Half of a truncation or a reset is no state to go on from: opening the log again is.
result<void> partition_log::all_or_reopen(result<void> done) {
  if (!done && !failure_)
    failure_ = done.error();
  return done;
}

result<void> partition_log::truncate_to(offset_t offset, leader_epoch_t keep_epoch) {
  if (auto ok = check_usable(); !ok)
    return ok;
  if (offset < start_offset_)
    return reset_to(offset);
  return all_or_reopen(cut_at(offset, keep_epoch));
}

result<void> partition_log::truncate_to(raft::position to) {
  if (auto ok = check_usable(); !ok)
    return ok;
  auto left = epochs_;
  left.truncate_end(to.offset, to.epoch);
  const auto last = left.latest();
  if (to.offset < start_offset_ || to.offset > end_offset_ || (last ? last->epoch : -1) != to.epoch)
    return does_not_hold(to);
  return all_or_reopen(cut_at(to.offset, to.epoch));
}

result<void> partition_log::cut_at(offset_t offset, leader_epoch_t keep_epoch) {
  // A mark at the new end may be told by a batch only that goes.
  if (epochs_unwritten_)
    if (auto ok = write_epochs(true); !ok)
      return ok;
  auto end = std::min(offset, end_offset_);
  if (end < end_offset_) {
    const auto index = segment_index(end);
    auto& s = *segments_[index];
    auto batch = s.find(end, gaps_allowed(s));
    if (!batch)
      return tl::make_unexpected(batch.error());
    const auto position = *batch ? (*batch)->position : s.size();
    end = *batch ? std::min(end, (*batch)->header.base_offset) : end;
    // What comes there next has no gaps and is not compacted; what stays of the segment may have some.
    gaps_upto_ = std::min(gaps_upto(), end);
    compacted_upto_ = std::min(compacted_upto_, s.base_offset());
    if (auto ok = lower_point(s, position, end); !ok)
      return ok;
    if (auto ok = remove_last_segments(index + 1); !ok)
      return ok;
    if (auto ok = s.truncate(position, end); !ok)
      return ok;
    if (auto ok = s.log()->sync(); !ok)
      return ok;
  }
  end_offset_ = end;
  synced_offset_ = std::min(synced_offset_, end);
  std::erase_if(gaps_behind_point_, [&](const gaps& g) { return g.first >= end; });
  for (auto& g : gaps_behind_point_)
    g.last = std::min(g.last, end - 1);
  sync_barrier_ = ++stamp_;
  forget_hints();
  if (epochs_.truncate_end(end, keep_epoch)) {
    if (auto ok = write_epochs(true); !ok)
      return ok;
    // What a mark carries goes after it.
    forget_configurations_without_marks();
    if (configurations_unwritten_)
      if (auto ok = write_configurations(); !ok)
        return ok;
  }
  synced_epoch_ = std::min(synced_epoch_, end_position().epoch);
  // A sync that was under way may take away what was dirty, and does not count any more.
  if (synced_position() != end_position())
    touch(active().log());
  if (auto ok = rebuild_producers(segments_.front()->base_offset()); !ok)
    return tl::make_unexpected(ok.error());
  return disk_->sync_directory(dir_);
}

result<void> partition_log::move_start(offset_t start, bool durable) {
  if (start <= start_offset_) {
    const bool is_so = !durable || !point_file_.point() || point_file_.is_durable();
    return is_so ? result<void>{} : write_point(*point_file_.point(), true);
  }
  const auto before = start_offset_;
  start_offset_ = start;
  if (auto ok = write_point(point_file_.point().value_or(point_at_end()), durable); !ok) {
    start_offset_ = before;
    return ok;
  }
  synced_offset_ = std::max(synced_offset_, start);
  return durable ? result<void>{} : touch_point();
}

/// Marks go only when the start is sure to stay: after a crash it may be where it was. Those that are too many on disk
/// do no harm: where a new version finds no room, the next append brings it.
void partition_log::trim_epochs() {
  if (epochs_.truncate_start(copy_start().offset) && !write_epochs(false))
    epochs_unwritten_ = true;
}

// The start is on disk before a segment goes: a restart that finds a later first segment knows that one is missing.
// What needs room comes last, as a segment that goes may be what makes it.
result<void> partition_log::remove_up_to(size_t count) {
  if (count == 0)
    return {};
  if (auto ok = move_start(segments_[count]->base_offset(), true); !ok)
    return ok;
  if (auto ok = remove_first_segments(count); !ok)
    return ok;
  trim_epochs();
  return {};
}

result<void> partition_log::delete_records(offset_t before) {
  if (auto ok = check_usable(); !ok)
    return ok;
  if (before > end_offset_ || before < 0)
    return fail(error_code::offset_out_of_range, dir_ + ": offset " + std::to_string(before) +
                                                   " is beyond the end of the log, " + std::to_string(end_offset_));
  size_t count = 0;
  while (count + 1 < segments_.size() && end_of(count) <= before)
    ++count;
  if (auto ok = move_start(before, count > 0); !ok || count == 0)
    return ok;
  // They are deleted for all who read. A segment that cannot be removed now is the next retention's to remove.
  if (remove_first_segments(count))
    trim_epochs();
  return check_usable();
}

result<size_t> partition_log::expired_segments(timestamp_ms now, offset_t high_watermark) {
  size_t count = 0;
  auto kept = size_bytes();
  for (; count < segments_.size() && end_of(count) <= high_watermark && segments_[count]->size() > 0; ++count) {
    auto& s = *segments_[count];
    auto newest = s.newest_time();
    if (!newest)
      return tl::make_unexpected(newest.error());
    const bool old = settings_.retention_ms >= 0 && *newest >= 0 && now - *newest > settings_.retention_ms;
    const bool surplus = settings_.retention_bytes >= 0 && count + 1 < segments_.size() &&
                         kept - s.size() >= static_cast<uint64_t>(settings_.retention_bytes);
    if (end_of(count) > start_offset_ && !(settings_.cleanup_delete && (old || surplus)))
      break;
    kept -= s.size();
  }
  return count;
}

result<void> partition_log::look_at_retention(timestamp_ms now, offset_t high_watermark) {
  if (auto due = roll_is_due(now, nullptr); !due)
    return tl::make_unexpected(due.error());
  if (auto expired = expired_segments(now, high_watermark); !expired)
    return tl::make_unexpected(expired.error());
  return {};
}

result<size_t> partition_log::apply_retention(timestamp_ms now, offset_t high_watermark) {
  if (auto ok = check_usable(); !ok)
    return tl::make_unexpected(ok.error());
  for (const auto& s : segments_)
    s->forget_whole();
  auto due = roll_is_due(now, nullptr);
  if (!due)
    return tl::make_unexpected(due.error());
  auto expired = expired_segments(now, high_watermark);
  if (!expired)
    return expired;
  const auto closed = std::min(*expired, segments_.size() - 1);
  const bool all = *expired > closed;
  if (auto ok = remove_up_to(closed); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = all ? renew_active(now) : *due ? roll(now) : result<void>{}; !ok)
    // It is tried again with the next append; what has gone is what is told of.
    return closed > 0 && !must_reopen() && !sync_failure() ? result<size_t>{closed} : tl::make_unexpected(ok.error());
  return *expired;
}

/// The active segment goes as well: another one takes its place. Nobody will look for anything in the old one, so its
/// indexes stay as they are: they might need space that is not there.
result<void> partition_log::renew_active(timestamp_ms now) {
  if (auto ok = begin_segment(now); !ok)
    return ok;
  return remove_up_to(segments_.size() - 1);
}

} // namespace chisme::log
