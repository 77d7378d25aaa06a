// Appending, rolling, epochs.
#include "actors/log/partition_log.hpp"

#include "actors/log/file_names.hpp"

#include <algorithm>
#include <limits>

namespace chisme::log {

namespace {

/// Index entries hold positions and relative offsets in 31 bits.
constexpr int64_t most_in_index = std::numeric_limits<int32_t>::max();

} // namespace

partition_log::partition_log(std::unique_ptr<latched_files> disk, std::string dir, const topic_settings& settings,
                             const open_options& options, recovery_point_file point)
  : disk_(std::move(disk)), dir_(std::move(dir)), settings_(settings), options_(options),
    producers_(options.most_producers), point_file_(std::move(point)), reserve_(*disk_, dir_, options.reserve_bytes) {}

partition_log::~partition_log() { is_gone_->store(true, std::memory_order_release); }

uint64_t partition_log::size_bytes() const {
  uint64_t sum = 0;
  for (const auto& s : segments_)
    sum += s->size();
  return sum;
}

std::vector<segment_info> partition_log::segments() const {
  std::vector<segment_info> out;
  for (size_t i = 0; i < segments_.size(); ++i)
    out.push_back({segments_[i]->base_offset(), end_of(i), segments_[i]->size(), segments_[i]->path()});
  return out;
}

size_t partition_log::segment_index(offset_t offset) const {
  auto behind =
    std::partition_point(segments_.begin(), segments_.end(), [&](const auto& s) { return s->base_offset() <= offset; });
  return behind == segments_.begin() ? 0 : static_cast<size_t>(behind - segments_.begin()) - 1;
}

offset_t partition_log::end_of(size_t index) const {
  return index + 1 < segments_.size() ? segments_[index + 1]->base_offset() : end_offset_;
}

result<void> partition_log::check_usable() const {
  if (const auto* failed = sync_failure())
    return tl::make_unexpected(*failed);
  return failure_ ? result<void>{tl::make_unexpected(*failure_)} : result<void>{};
}

result<void> partition_log::check_follows(std::span<const stamped_batch> batches, bool may_leave_gaps) const {
  auto expected = end_offset_;
  for (const auto& b : batches) {
    const auto* problem = b.header.insane();
    if (!problem && b.header.size() != batch_header_size + b.body.size())
      problem = "its length is not that of its records";
    const auto missing = b.header.base_offset - expected;
    if (!problem && missing != 0 && !(may_leave_gaps && missing > 0 && missing < most_in_index))
      problem = "its offsets do not follow the end of the log";
    if (problem)
      return fail(error_code::corrupt_message, dir_ + ": the batch to be appended at offset " +
                                                 std::to_string(expected) + " is refused: " + problem);
    expected = b.header.next_offset();
  }
  return {};
}

result<void> partition_log::append(std::span<const stamped_batch> batches, timestamp_ms now) {
  if (auto ok = check_usable(); !ok)
    return ok;
  if (auto ok = check_follows(batches); !ok || batches.empty())
    return ok;
  return append_or_reserve(batches, now);
}

result<void> partition_log::append_or_reserve(std::span<const stamped_batch> batches, timestamp_ms now) {
  auto ok = append_or_undo(batches, now);
  if (!ok && check_usable() && reserve_.release())
    ok = append_or_undo(batches, now);
  return ok;
}

result<void> partition_log::append_or_undo(std::span<const stamped_batch> batches, timestamp_ms now) {
  if (auto ok = establish(); !ok)
    return ok;
  if (auto ok = drop_stale_marks(); !ok)
    return ok;
  if (auto ok = note_epochs(batches); !ok)
    return ok;
  const auto segment_count = segments_.size();
  const auto active_size = active().size();
  const auto end = end_offset_;
  auto ok = append_all(batches, now);
  if (!ok) {
    if (auto undone = undo_to(segment_count, active_size, end); !undone)
      failure_ = undone.error();
  }
  return ok;
}

// The very first append of a log's life makes the folder and a first recovery point durable, so that a log with
// acknowledged records and without a recovery point can only be one that was damaged.
result<void> partition_log::establish() {
  if (established_)
    return {};
  if (auto ok = write_point(point_at_end(), false); !ok)
    return ok;
  if (auto ok = disk_->sync_directory(dir_); !ok)
    return ok;
  established_ = true;
  auto ok = write_point(point_at_end(), true);
  established_ = ok.has_value();
  return ok;
}

result<void> partition_log::note_epochs(std::span<const stamped_batch> batches) {
  const auto latest = epochs_.latest();
  if (latest && !epochs_unwritten_ &&
      std::ranges::all_of(batches, [&](const stamped_batch& b) { return b.header.leader_epoch <= latest->epoch; }))
    return {};
  auto before = epochs_;
  bool changed = epochs_unwritten_;
  for (const auto& b : batches)
    changed |= epochs_.assign(b.header.leader_epoch, b.header.base_offset);
  if (!changed)
    return {};
  auto ok = write_epochs(false);
  if (!ok)
    epochs_ = std::move(before);
  return ok;
}

bool partition_log::fits(uint64_t size, const batch_header& next) {
  const auto end = static_cast<int64_t>(size + next.size());
  return next.last_offset() - active().base_offset() <= most_in_index &&
         (size == 0 || (end <= settings_.segment_bytes && end <= most_in_index));
}

result<bool> partition_log::roll_is_due(timestamp_ms now, const batch_header* next) {
  if (active().size() == 0)
    return false;
  // What is in the active segment is not compacted.
  const auto oldest =
    settings_.cleanup_compact ? std::min(settings_.segment_ms, settings_.max_compaction_lag_ms) : settings_.segment_ms;
  auto first = active().first_timestamp();
  if (!first)
    return tl::make_unexpected(first.error());
  if (*first < 0)
    return now - active_since_ > oldest;
  const auto latest = next && next->max_timestamp >= 0 ? next->max_timestamp : now;
  return latest - *first > oldest;
}

result<void> partition_log::append_all(std::span<const stamped_batch> batches, timestamp_ms now) {
  while (!batches.empty()) {
    auto due = roll_is_due(now, &batches.front().header);
    if (!due)
      return tl::make_unexpected(due.error());
    if (*due || !fits(active().size(), batches.front().header)) {
      if (auto ok = roll(now); !ok)
        return ok;
    }
    auto written = append_run(batches);
    if (!written)
      return tl::make_unexpected(written.error());
    batches = batches.subspan(*written);
  }
  return {};
}

/// What is in its place already, and lies behind what is written before it, is one piece with that.
void partition_log::add_parts(const stamped_batch& b) {
  if (b.as_is.empty()) {
    headers_.push_back(b.header.stamp());
    parts_.emplace_back(headers_.back());
    if (!b.body.empty())
      parts_.push_back(b.body);
  } else if (!parts_.empty() && parts_.back().data() + parts_.back().size() == b.as_is.data()) {
    parts_.back() = {parts_.back().data(), parts_.back().size() + b.as_is.size()};
  } else {
    parts_.push_back(b.as_is);
  }
}

/// Writes as many batches as the active segment takes, in one call; returns their number, which is at least one.
result<size_t> partition_log::append_run(std::span<const stamped_batch> batches) {
  headers_.clear();
  parts_.clear();
  headers_.reserve(batches.size()); // parts_ points into it
  const auto begin = active().size();
  auto position = begin;
  size_t count = 0;
  for (; count < batches.size(); ++count) {
    const auto& b = batches[count];
    if (count > 0 && !fits(position, b.header))
      break;
    add_parts(b);
    position += b.header.size();
  }
  touch(active().log());
  if (auto ok = active().append(parts_, position - begin); !ok) {
    if (auto cut = active().cut_back(); !cut)
      failure_ = cut.error();
    return tl::make_unexpected(ok.error());
  }
  since_snapshot_ += position - begin;
  position = begin;
  for (const auto& b : batches.first(count)) {
    active().note(b.header, position);
    position += b.header.size();
    producers_.update(b.header);
  }
  end_offset_ = batches[count - 1].header.next_offset();
  return count;
}

result<void> partition_log::undo_to(size_t segment_count, uint64_t active_size, offset_t end) {
  forget_hints();
  if (pending_ && (pending_->offset > end || pending_->segment_base > segments_[segment_count - 1]->base_offset()))
    pending_.reset();
  if (auto ok = remove_last_segments(segment_count); !ok)
    return ok;
  if (active().size() == active_size && end == end_offset_)
    return {};
  end_offset_ = end;
  if (auto ok = active().truncate(active_size, end); !ok)
    return ok;
  if (auto ok = active().cut_back(); !ok)
    return ok;
  auto rebuilt = rebuild_producers(segments_.front()->base_offset());
  if (!rebuilt)
    return tl::make_unexpected(rebuilt.error());
  // A snapshot of what was undone must not come back beside other batches at the same offsets.
  return *rebuilt ? disk_->sync_directory(dir_) : result<void>{};
}

result<void> partition_log::roll(timestamp_ms now) {
  if (auto ok = check_usable(); !ok || active().size() == 0)
    return ok;
  if (auto ok = active().seal(); !ok)
    return ok;
  if (auto ok = touch_all(active()); !ok)
    return ok;
  return begin_segment(now);
}

result<void> partition_log::begin_segment(timestamp_ms now) {
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  if (auto ok = write_snapshot(); !ok)
    return ok;
  auto next = segment::create(*disk_, dir_, end_offset_, settings_.index_interval_bytes);
  if (!next)
    return tl::make_unexpected(next.error());
  touch((*next)->log());
  segments_.push_back(std::move(*next));
  active_since_ = now;
  set_pending();
  return {};
}

} // namespace chisme::log
