// The part of opening a log that looks at what lies behind the recovery point.
#include "actors/log/configurations.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/log_opener.hpp"

#include <algorithm>
#include <limits>

namespace chisme::log {

result<void> log_opener::scan_tail(size_t first) {
  auto& segments = log_->segments_;
  log_->end_offset_ = log_->synced_offset_ = tail_offset_;
  auto from = tail_position_;
  for (size_t i = first; i < segments.size(); ++i, from = 0) {
    while (i > first && i < segments.size() && segments[i]->size() == 0 &&
           segments[i]->base_offset() != log_->end_offset_) {
      // Made for an append that failed, and never written to.
      if (auto ok = segments[i]->remove(); !ok)
        return ok;
      segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (i == segments.size())
      break;
    auto& s = *segments[i];
    const auto base = s.base_offset();
    // Each segment begins where the one before ends, whatever is missing within: an end that was lost is noticed.
    const bool may_have_been_compacted =
      !log_->point_file_.point() && log_->gaps_allowed(s) && base > log_->end_offset_;
    if (i > first && base != log_->end_offset_ && !may_have_been_compacted)
      return remove_from(i, "it does not begin with offset " + std::to_string(log_->end_offset_));
    if (i > first)
      log_->end_offset_ = base;
    auto whole = scan_segment(i, from, s.size());
    if (!whole)
      return tl::make_unexpected(whole.error());
    if (!*whole)
      return {};
    if (i + 1 < segments.size()) {
      (void)s.seal(); // an index that cannot be written stays behind
      if (auto ok = log_->touch_all(s); !ok)
        return ok;
    }
  }
  const auto& point = log_->point_file_.point();
  report_.was_clean = point && report_.batches_scanned == 0 && segments.back()->base_offset() == point->segment_base;
  return {};
}

/// The bytes behind `from` as they were read, so that the next sync writes them.
result<void> log_opener::write_again(segment& s, uint64_t from) {
  constexpr uint64_t chunk = 1 << 20;
  std::vector<std::byte> bytes(std::min(chunk, s.size() - from));
  for (auto at = from; at < s.size(); at += bytes.size()) {
    bytes.resize(std::min<uint64_t>(bytes.size(), s.size() - at));
    auto n = s.log()->read_at(at, bytes);
    if (!n)
      return tl::make_unexpected(n.error());
    if (*n != bytes.size())
      return broken(s.path() + ": became shorter while it was opened");
    const bytes_view parts[] = {bytes};
    if (auto ok = s.log()->write_at(at, parts); !ok)
      return ok;
  }
  log_->touch(s.log());
  return {};
}

/// Takes over the batches of one segment; false where it had to be cut, which ends the log.
result<bool> log_opener::scan_segment(size_t index, uint64_t from, uint64_t file_size) {
  auto& s = *log_->segments_[index];
  if (auto ok = s.restart_at(from, log_->end_offset_, from > 0 ? tail_max_ : std::nullopt); !ok)
    return tl::make_unexpected(ok.error());
  batch_scanner scanner{*s.log(), from, file_size, batch_scanner::check::crc};
  std::string reason;
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    const auto& h = (*batch)->header;
    // Behind the point nothing is missing that anybody was told of: see partition_log::note_gaps().
    const bool may_leave_gap = !log_->point_file_.point() && log_->gaps_allowed(s);
    const bool follows = h.base_offset == log_->end_offset_ || (may_leave_gap && h.base_offset > log_->end_offset_);
    if (!follows) {
      reason = "its base offset " + std::to_string(h.base_offset) + " is not " + std::to_string(log_->end_offset_);
      break;
    }
    if (log_->marks_come_first_ && !has_its_mark(h)) {
      reason = "the mark of its epoch " + std::to_string(h.leader_epoch) + " is not on the disk";
      break;
    }
    s.accept(**batch);
    log_->end_offset_ = h.next_offset();
    tail_epochs_.push_back({h.leader_epoch, h.base_offset});
    if (tail_epochs_.size() > 1 && tail_epochs_.end()[-2].epoch == h.leader_epoch)
      tail_epochs_.pop_back();
    tail_has_producers_ |= h.has_producer();
    ++report_.batches_scanned;
  }
  report_.bytes_scanned += s.size() - from;
  if (s.size() > from)
    if (auto ok = write_again(s, from); !ok)
      return tl::make_unexpected(ok.error());
  if (s.size() == file_size)
    return true;
  if (reason.empty())
    reason = scanner.problem() ? scanner.problem() : "the file became shorter";
  if (auto ok = cut(index, file_size, reason); !ok)
    return tl::make_unexpected(ok.error());
  return false;
}

result<void> log_opener::cut(size_t index, uint64_t file_size, const std::string& reason) {
  auto& s = *log_->segments_[index];
  if (!log_->point_file_.point()) {
    if (auto ok = refuse_to_lose(index, file_size, reason); !ok)
      return ok;
  }
  report_.cuts.push_back({s.path(), s.size(), file_size - s.size(),
                          "the batch at offset " + std::to_string(log_->end_offset_) + " is not whole: " + reason});
  if (auto ok = s.log()->truncate(s.size()); !ok)
    return ok;
  if (auto ok = s.log()->sync(); !ok)
    return ok;
  return remove_from(index + 1, "it lies behind a batch that was cut off");
}

namespace {

/// Whether at `from` or anywhere behind it a whole batch lies that belongs into the log at `expected` or later. At
/// `from` itself that is one before which others are missing.
result<bool> whole_batch_from(file& f, uint64_t from, uint64_t end, offset_t expected) {
  constexpr size_t window = 64 * 1024;
  std::vector<std::byte> bytes(window + batch_header_size);
  for (auto at = from; at + batch_header_size <= end; at += window) {
    auto n = f.read_at(at, std::span{bytes}.first(std::min<uint64_t>(bytes.size(), end - at)));
    if (!n)
      return tl::make_unexpected(n.error());
    for (size_t i = 0; i < window && i + batch_header_size <= *n; ++i) {
      const auto h = batch_header::parse(bytes.data() + i);
      if (h.insane() || h.base_offset < expected || h.base_offset - expected > std::numeric_limits<int32_t>::max())
        continue;
      batch_scanner one{f, at + i, end, batch_scanner::check::crc};
      auto batch = one.next();
      if (!batch)
        return tl::make_unexpected(batch.error());
      if (*batch)
        return true;
    }
  }
  return false;
}

} // namespace

result<void> log_opener::refuse_to_lose(size_t index, uint64_t file_size, const std::string& reason) {
  auto& s = *log_->segments_[index];
  auto more = whole_batch_from(*s.log(), s.size(), file_size, log_->end_offset_);
  if (!more)
    return tl::make_unexpected(more.error());
  for (auto i = index + 1; i < log_->segments_.size(); ++i)
    *more = *more || log_->segments_[i]->size() > 0;
  if (!*more)
    return {};
  return broken(s.path() + ": the batch at position " + std::to_string(s.size()) + ", offset " +
                std::to_string(log_->end_offset_) + ", is corrupt (" + reason +
                "), whole batches follow it, and there is no recovery point that says what was synced. To go on " +
                "without what follows, cut the file at that position and remove later segments");
}

result<void> log_opener::remove_from(size_t index, const std::string& reason) {
  auto& segments = log_->segments_;
  for (auto i = index; i < segments.size(); ++i)
    report_.cuts.push_back({segments[i]->path(), 0, segments[i]->size(), "the segment is removed: " + reason});
  if (auto ok = log_->remove_last_segments(index); !ok)
    return ok;
  return disk_.sync_directory(dir_);
}

/// The epochs in one version of their file; nullopt where it is torn: it was not synced and never counted.
result<std::optional<leader_epochs>> log_opener::epochs_in(const std::string& path) {
  auto text = disk_.read_all(path);
  if (!text)
    return tl::make_unexpected(text.error());
  auto parsed = leader_epochs::parse(*text, path);
  if (!parsed && parsed.error().code == error_code::unsupported_version)
    return tl::make_unexpected(parsed.error());
  return parsed ? std::optional{std::move(*parsed)} : std::nullopt;
}

/// What the folder says: the newest version that is whole. What is torn goes: it is left from a disk that was full.
result<std::optional<leader_epochs>> log_opener::newest_epochs() {
  std::optional<leader_epochs> newest;
  for (auto i = epoch_versions_.size(); i-- > 0;) {
    const auto path = epochs_version_path(dir_, static_cast<uint64_t>(epoch_versions_[i]));
    auto found = epochs_in(path);
    if (!found)
      return found;
    if (!*found) {
      if (auto ok = disk_.remove(path); !ok)
        return tl::make_unexpected(ok.error());
      epoch_versions_.erase(epoch_versions_.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (!newest) {
      newest = std::move(*found);
    }
  }
  if (newest || !has_epochs_)
    return newest;
  const auto path = dir_ + "/" + std::string{epochs_file_name};
  auto text = disk_.read_all(path);
  if (!text)
    return tl::make_unexpected(text.error());
  auto parsed = leader_epochs::parse(*text, path);
  if (!parsed)
    return tl::make_unexpected(parsed.error());
  return std::move(*parsed);
}

result<void> log_opener::read_epochs() {
  auto found = newest_epochs();
  if (!found)
    return tl::make_unexpected(found.error());
  epochs_on_disk_ = found->value_or(leader_epochs{});
  return {};
}

/// What lies before the first mark is from before the log's start.
bool log_opener::has_its_mark(const batch_header& h) const {
  const auto& marks = epochs_on_disk_.marks();
  if (marks.empty())
    return false;
  return h.base_offset < marks.front().start_offset || epochs_on_disk_.epoch_of(h.base_offset) == h.leader_epoch;
}

/// Entries without marks are gone from the file before the next mark is written.
result<void> log_opener::load_configurations() {
  if (!has_configurations_)
    return {};
  const auto path = dir_ + "/" + std::string{configurations_file_name};
  auto content = disk_.read_all(path);
  if (!content)
    return tl::make_unexpected(content.error());
  auto all = parse_configurations(*content, path);
  if (!all)
    return tl::make_unexpected(all.error());
  log_->configurations_ = std::move(*all);
  log_->forget_configurations_without_marks();
  return {};
}

/// A version that has not got its name yet may be in the system's cache only: it is written again, in place. What the
/// tail adds to it is written with the next append: a start needs no space.
result<void> log_opener::load_epochs() {
  const auto& on_disk = epochs_on_disk_;
  auto& epochs = log_->epochs_;
  epochs = on_disk;
  // With other batches before them they would tell of a history that never was, where a crash brought them back.
  log_->stale_marks_ahead_ =
    epochs.truncate_end(log_->end_offset_, std::numeric_limits<leader_epoch_t>::max()) && log_->marks_come_first_;
  for (const auto& m : tail_epochs_)
    epochs.witness(m);
  log_->epochs_unwritten_ = epochs != on_disk;
  // A name that another process has used may come back with a crash: numbers begin with the time.
  log_->next_epochs_number_ = static_cast<uint64_t>(std::max<timestamp_ms>(options_.now, 0));
  // What is dirty tells of the marks as well when it is synced.
  log_->synced_epoch_ = log_->is_dirty() || !epoch_versions_.empty() ? epochs.epoch_of(log_->synced_offset_ - 1)
                                                                     : log_->end_position().epoch;
  if (epoch_versions_.empty())
    return {};
  if (auto ok = log_->touch_directory(dir_); !ok)
    return ok;
  const auto newest = static_cast<uint64_t>(epoch_versions_.back());
  auto f = disk_.open(epochs_version_path(dir_, newest), open_mode::read_write);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto text = on_disk.text();
  const bytes_view parts[] = {as_bytes(text)};
  if (auto ok = (*f)->write_at(0, parts); !ok)
    return ok;
  log_->touch(std::move(*f));
  for (auto number : epoch_versions_)
    log_->waiting_epochs_.push_back({static_cast<uint64_t>(number), log_->stamp_});
  log_->next_epochs_number_ = std::max(log_->next_epochs_number_, newest + 1);
  return {};
}

result<void> log_opener::drop_snapshots_behind_point() {
  const auto& point = log_->point_file_.point();
  auto& snapshots = log_->snapshots_;
  while (!snapshots.empty() && (!point || snapshots.back() > point->offset)) {
    if (auto ok = disk_.remove(file_stem(dir_, snapshots.back()) + std::string{snapshot_suffix}); !ok)
      return ok;
    snapshots.pop_back();
  }
  return {};
}

result<void> log_opener::load_producers() {
  if (auto ok = drop_snapshots_behind_point(); !ok)
    return ok;
  const auto& point = log_->point_file_.point();
  const bool none_at_point = point && point->snapshot_offset == -1;
  const auto empty_at = none_at_point ? point->offset : log_->segments_.front()->base_offset();
  if (none_at_point && !tail_has_producers_ && log_->snapshots_.empty())
    return {};
  auto dropped = log_->rebuild_producers(std::min(empty_at, log_->end_offset_));
  if (!dropped)
    return tl::make_unexpected(dropped.error());
  log_->producers_.expire(options_.now, options_.producer_expiration_ms);
  return *dropped ? disk_.sync_directory(dir_) : result<void>{};
}

} // namespace chisme::log
