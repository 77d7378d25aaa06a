#include "actors/log/log_opener.hpp"

#include "actors/log/configurations.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/log_reset.hpp"

#include <algorithm>
#include <limits>

namespace chisme::log {

log_opener::log_opener(std::unique_ptr<latched_files> disk, std::string dir, const topic_settings& settings,
                       const open_options& options, recovery_report& report)
  : owned_disk_(std::move(disk)), disk_(*owned_disk_), dir_(std::move(dir)), settings_(settings), options_(options),
    report_(report) {}

result<std::unique_ptr<partition_log>> partition_log::open(files& disk, std::string dir, const topic_settings& settings,
                                                           const open_options& options, recovery_report& report) {
  return log_opener{std::make_unique<latched_files>(disk), std::move(dir), settings, options, report}.run();
}

tl::unexpected<error> log_opener::broken(const std::string& what) const {
  return fail(error_code::corrupt_message, what);
}

result<std::unique_ptr<partition_log>> log_opener::run() {
  if (auto ok = disk_.make_directories(dir_); !ok)
    return tl::make_unexpected(ok.error());
  auto point = recovery_point_file::open(disk_, dir_);
  if (!point)
    return tl::make_unexpected(point.error());
  log_.reset(new partition_log{std::move(owned_disk_), dir_, settings_, options_, std::move(*point)});
  log_->active_since_ = options_.now;
  if (auto ok = survey(); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = read_epochs(); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = found_.empty() ? begin_new() : open_segments(); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = load_epochs(); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = load_configurations(); !ok)
    return tl::make_unexpected(ok.error());
  if (auto ok = load_producers(); !ok)
    return tl::make_unexpected(ok.error());
  // Read here, where waiting for the disk does no harm: each append asks for it.
  (void)log_->active().first_timestamp();
  log_->reserve_.renew();
  return std::move(log_);
}

result<void> log_opener::survey() {
  auto entries = disk_.list(dir_);
  if (!entries)
    return tl::make_unexpected(entries.error());
  for (const auto& e : *entries)
    if (auto ok = note_file(e); !ok)
      return ok;
  std::ranges::sort(log_->snapshots_);
  std::ranges::sort(epoch_versions_);
  if (auto ok = finish_compaction(); !ok)
    return ok;
  if (auto ok = drop_leftovers_of_reset(); !ok)
    return ok;
  return drop_orphans();
}

result<void> log_opener::note_file(const dir_entry& e) {
  if (auto base = offset_in_name(e.name, log_suffix)) {
    found_[*base].has_log = true;
    found_[*base].sizes.log = e.size;
  } else if (auto of = offset_in_name(e.name, index_suffix)) {
    found_[*of].has_index = true;
    found_[*of].sizes.index = e.size;
  } else if (auto time_of = offset_in_name(e.name, time_index_suffix)) {
    found_[*time_of].has_time_index = true;
    found_[*time_of].sizes.time_index = e.size;
  } else if (auto at = offset_in_name(e.name, snapshot_suffix)) {
    log_->snapshots_.push_back(*at);
  } else if (e.name.ends_with(cleaned_suffix)) {
    unfinished_.push_back(e.name);
  } else if (e.name.ends_with(swap_suffix)) {
    if (auto swapped = offset_in_name(std::string_view{e.name}.substr(0, offset_digits), ""))
      swaps_[*swapped].push_back(e.name);
  } else if (e.name == epochs_file_name) {
    has_epochs_ = true;
  } else if (e.name == configurations_file_name) {
    has_configurations_ = true;
  } else if (e.name == reset_file_name) {
    has_reset_ = true;
  } else if (e.name.starts_with(epochs_file_name) && e.name.size() > epochs_file_name.size()) {
    const auto rest = std::string_view{e.name}.substr(epochs_file_name.size() + 1);
    if (auto number = offset_in_name(rest, temporary_suffix))
      epoch_versions_.push_back(*number);
  }
  return {};
}

// Indexes without a log, and empty logs where there must be records: of a segment whose making or removal was
// interrupted.
result<void> log_opener::drop_orphans() {
  const auto& point = log_->point_file_.point();
  for (auto it = found_.begin(); it != found_.end();) {
    const auto& [base, f] = *it;
    if (f.has_log && (f.sizes.log > 0 || !point || base >= point->segment_base)) {
      ++it;
      continue;
    }
    const std::pair<bool, std::string_view> files_there[] = {
      {f.has_index, index_suffix}, {f.has_time_index, time_index_suffix}, {f.has_log, log_suffix}};
    for (const auto& [there, suffix] : files_there)
      if (there)
        if (auto ok = disk_.remove(file_stem(dir_, base) + std::string{suffix}); !ok)
          return ok;
    it = found_.erase(it);
  }
  return {};
}

// A reset that did not come to its end: the point says where the log starts anew, all else is from before.
result<void> log_opener::drop_leftovers_of_reset() {
  const auto& point = log_->point_file_.point();
  if (!point || !point->resetting)
    return finish_reset();
  if (auto ok = log_->point_file_.make_sure(); !ok)
    return ok;
  auto from = beginning_of_reset();
  if (!from)
    return tl::make_unexpected(from.error());
  report_.notes.push_back(dir_ + ": finished an interrupted reset to offset " + std::to_string(point->offset));
  for (const auto& [base, f] : found_)
    if (auto ok = segment::remove_files(disk_, file_stem(dir_, base)); !ok)
      return ok;
  found_.clear();
  const auto epochs = dir_ + "/" + std::string{epochs_file_name};
  if (has_epochs_)
    if (auto ok = disk_.remove(epochs); !ok)
      return ok;
  for (auto number : epoch_versions_)
    if (auto ok = disk_.remove(epochs_version_path(dir_, static_cast<uint64_t>(number))); !ok)
      return ok;
  epoch_versions_.clear();
  for (const auto at : log_->snapshots_)
    if (auto ok = disk_.remove(file_stem(dir_, at) + std::string{snapshot_suffix}); !ok)
      return ok;
  log_->snapshots_.clear();
  return put_in_place(*from);
}

/// What the reset began with, as it was written before the point. A log that was reset by an older version has none.
result<log_beginning> log_opener::beginning_of_reset() {
  const auto start = log_->point_file_.point()->offset;
  if (!has_reset_)
    return log_beginning{start, {}, {}};
  const auto path = dir_ + "/" + std::string{reset_file_name};
  auto content = disk_.read_all(path);
  if (!content)
    return tl::make_unexpected(content.error());
  auto from = decode_beginning(*content, path);
  if (from && from->start != start)
    return broken(path + ": is of a reset to offset " + std::to_string(from->start) + ", not " + std::to_string(start));
  return from;
}

result<void> log_opener::put_in_place(const log_beginning& from) {
  auto producers = producers_of(from, dir_ + "/" + std::string{reset_file_name}, options_.most_producers);
  if (!producers)
    return tl::make_unexpected(producers.error());
  log_->producers_ = std::move(*producers);
  log_->marks_come_first_ = !from.marks.empty();
  has_epochs_ = true;
  if (auto ok = disk_.replace(dir_ + "/" + std::string{epochs_file_name}, epochs_of(from).text(), true); !ok)
    return ok;
  const auto configurations = configurations_of(from);
  if (has_configurations_ || !configurations.entries().empty()) {
    const auto path = dir_ + "/" + std::string{configurations_file_name};
    if (auto ok = disk_.replace(path, configurations_text(configurations), true); !ok)
      return ok;
    has_configurations_ = true;
  }
  if (!from.producers.empty()) {
    if (auto ok = write_producers(disk_, dir_, from); !ok)
      return ok;
    log_->snapshots_.push_back(from.start);
  }
  return disk_.sync_directory(dir_);
}

/// Nothing is being reset: what a reset that came to its end, or never began, has left behind.
result<void> log_opener::finish_reset() {
  if (!std::exchange(has_reset_, false))
    return {};
  if (auto ok = log_->point_file_.make_sure(); !ok)
    return ok;
  return disk_.remove(dir_ + "/" + std::string{reset_file_name});
}

/// The folder's own name is in its parent.
result<void> log_opener::touch_folders() {
  if (auto ok = log_->touch_directory(dir_); !ok)
    return ok;
  const auto slash = dir_.rfind('/');
  const bool has_parent = slash != std::string::npos && slash > 0;
  return has_parent ? log_->touch_directory(dir_.substr(0, slash)) : result<void>{};
}

result<void> log_opener::begin_new() {
  const auto& point = log_->point_file_.point();
  // A point that was written when nothing else was on disk may be all that a crash has left.
  const bool held_something = point && (point->established || point->position > 0);
  if (held_something && !point->resetting)
    return broken(file_stem(dir_, point->segment_base) + std::string{log_suffix} +
                  ": is missing, it held records up to offset " + std::to_string(point->offset));
  const auto base = point ? point->offset : 0;
  report_.was_new = !point;
  if (auto ok = touch_folders(); !ok)
    return ok;
  auto s = segment::create(disk_, dir_, base, settings_.index_interval_bytes);
  if (!s)
    return tl::make_unexpected(s.error());
  log_->segments_.push_back(std::move(*s));
  log_->start_offset_ = log_->end_offset_ = log_->synced_offset_ = base;
  log_->touch(log_->active().log());
  if (!point)
    return {};
  if (auto ok = log_->sync_folders(); !ok)
    return ok;
  log_->established_ = true;
  if (auto ok = log_->write_point(log_->point_at_end(), true); !ok)
    return ok;
  return finish_reset();
}

result<void> log_opener::open_segments() {
  for (const auto& [base, f] : found_) {
    auto s = segment::open(disk_, dir_, base, f.sizes, settings_.index_interval_bytes);
    if (!s)
      return tl::make_unexpected(s.error());
    log_->segments_.push_back(std::move(*s));
  }
  const auto& point = log_->point_file_.point();
  const auto first_base = log_->segments_.front()->base_offset();
  tail_offset_ = first_base;
  log_->established_ = point && point->established;
  log_->start_offset_ = point ? std::max(point->start_offset, first_base) : first_base;
  log_->gaps_upto_ = point ? std::max(point->gaps_upto, point->compacted_upto) : 0;
  log_->marks_come_first_ = point && point->marks_come_first;
  log_->compacted_upto_ = point ? point->compacted_upto : std::numeric_limits<offset_t>::max();
  if (!point)
    log_->compacted_upto_ = settings_.cleanup_compact ? log_->compacted_upto_ : 0;
  // What lies behind missing offsets counts because the point is on disk.
  if (point && point->gaps_upto > 0)
    if (auto ok = log_->point_file_.make_sure(); !ok)
      return ok;
  auto first = check_point();
  if (!first)
    return tl::make_unexpected(first.error());
  if (auto ok = repair_indexes(*first); !ok)
    return ok;
  if (auto ok = scan_tail(*first); !ok)
    return ok;
  log_->gaps_upto_ = std::min(log_->gaps_upto_, log_->end_offset_);
  log_->compacted_upto_ = std::min(log_->compacted_upto_, log_->segments_.back()->base_offset());
  log_->start_offset_ = std::min(log_->start_offset_, log_->end_offset_);
  return touch_what_was_found();
}

// A process that was killed may have left all of it in the system's cache. Where the point is behind records it was
// written after a sync of everything; one at the beginning says nothing of the folder's own name.
result<void> log_opener::touch_what_was_found() {
  const auto first = log_->segments_.front()->base_offset();
  if (report_.was_clean && log_->start_offset_ == first && log_->end_offset_ > first)
    return {};
  if (auto ok = touch_folders(); !ok)
    return ok;
  if (!log_->point_file_.exists())
    return {};
  if (auto ok = log_->point_file_.write_again(); !ok)
    return ok;
  return log_->touch_point();
}

/// Everything the recovery point promises must be there. Returns the segment in which it lies.
result<size_t> log_opener::check_point() {
  const auto& point = log_->point_file_.point();
  auto& segments = log_->segments_;
  if (!point)
    return size_t{0};
  if (auto ok = check_start(); !ok)
    return tl::make_unexpected(ok.error());
  // Retention took the segment away since: the start, which is durable before a segment goes, says so. Of those below
  // the start any may be left, with gaps between them; the next retention removes them.
  const auto first_kept = log_->segment_index(log_->start_offset_);
  if (segments[first_kept]->base_offset() > point->segment_base) {
    tail_offset_ = segments[first_kept]->base_offset();
    return first_kept;
  }
  const auto index = log_->segment_index(point->segment_base);
  const auto& s = *segments[index];
  if (s.base_offset() != point->segment_base)
    return broken(file_stem(dir_, point->segment_base) + std::string{log_suffix} +
                  ": is missing, it held records up to offset " + std::to_string(point->offset));
  if (s.size() < point->position)
    return broken(s.path() + ": ends at position " + std::to_string(s.size()) + ", but records up to position " +
                  std::to_string(point->position) + " (offset " + std::to_string(point->offset) + ") had been synced");
  if (auto ok = check_chain(); !ok)
    return tl::make_unexpected(ok.error());
  tail_position_ = point->position;
  tail_offset_ = point->offset;
  if (point->max_timestamp_offset != recovery_point::unknown)
    tail_max_ = time_entry{point->max_timestamp, point->max_timestamp_offset};
  return index;
}

result<void> log_opener::check_start() const {
  const auto start = log_->point_file_.point()->start_offset;
  const auto first = log_->segments_.front()->base_offset();
  if (first > start)
    return broken(dir_ + ": the segment with offset " + std::to_string(start) + " is missing, the first one is " +
                  log_->segments_.front()->path());
  return {};
}

// The summary in the point says in one comparison that no segment is missing; where it does not agree (segments
// were removed just before the end) each segment is asked where it ends.
result<void> log_opener::check_chain() {
  const auto& point = *log_->point_file_.point();
  const auto [count, hash] = log_->segment_summary(point.segment_base);
  if (count == point.segment_count && hash == point.segment_hash)
    return {};
  auto& segments = log_->segments_;
  for (size_t i = 0; i + 1 < segments.size() && segments[i]->base_offset() < point.segment_base; ++i) {
    // Of those that were being removed, any may be left.
    if (segments[i + 1]->base_offset() <= point.start_offset)
      continue;
    auto last = segments[i]->last_batch();
    if (!last)
      return tl::make_unexpected(last.error());
    const auto end = *last ? (*last)->header.next_offset() : segments[i]->base_offset();
    const auto next = segments[i + 1]->base_offset();
    if (end < next)
      return broken(dir_ + ": the segment with offsets " + std::to_string(end) + " to " + std::to_string(next - 1) +
                    " is missing; it belongs between " + segments[i]->path() + " and " + segments[i + 1]->path());
    if (end > next)
      return broken(segments[i + 1]->path() + ": begins before " + segments[i]->path() + " ends");
  }
  return {};
}

/// Indexes of the segments below the recovery point; those above are checked entry by entry while they are scanned.
result<void> log_opener::repair_indexes(size_t trusted) {
  for (size_t i = 0; i < trusted; ++i) {
    const auto& f = found_[log_->segments_[i]->base_offset()];
    const bool whole = f.has_index && f.has_time_index && f.sizes.index % offset_entry_format::size == 0 &&
                       f.sizes.time_index % time_entry_format::size == 0;
    if (whole)
      continue;
    if (auto ok = log_->segments_[i]->rebuild_indexes(); !ok)
      return ok;
    ++report_.indexes_rebuilt;
  }
  return {};
}

} // namespace chisme::log
