// What must reach the disk, and what is known to have: syncing, snapshots, the recovery point.
#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/partition_log.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

namespace chisme::log {

namespace {

/// Enough for the recovery point in either slot, and one to fall back to.
constexpr size_t snapshots_kept = 4;
/// What opening the log may read of headers behind the newest snapshot: not worth a file.
constexpr uint64_t least_since_snapshot = 64 * 1024;
/// Snapshots between rolls take at most one byte for so many that are appended.
constexpr uint64_t appended_per_snapshot_byte = 4;

} // namespace

void partition_log::touch(file_ptr f) {
  ++stamp_;
  for (auto& d : dirty_files_)
    if (d.file == f) {
      d.stamp = stamp_;
      return;
    }
  dirty_files_.push_back({std::move(f), stamp_});
}

result<void> partition_log::touch_directory(const std::string& path) {
  ++stamp_;
  for (auto& d : dirty_directories_)
    if (d.file->path() == path) {
      d.stamp = stamp_;
      return {};
    }
  auto folder = disk_->open_directory(path);
  if (!folder)
    return tl::make_unexpected(folder.error());
  dirty_directories_.push_back({std::move(*folder), stamp_});
  return {};
}

/// A closed segment with its indexes.
result<void> partition_log::touch_all(segment& s) {
  auto all = s.all_files();
  if (!all)
    return tl::make_unexpected(all.error());
  touch(all->front());
  for (size_t i = 1; i < all->size(); ++i) {
    // An index may have been removed and begun anew since: nobody needs the old one.
    std::erase_if(dirty_files_,
                  [&](const dirty_file& d) { return d.file != (*all)[i] && d.file->path() == (*all)[i]->path(); });
    touch((*all)[i]);
  }
  return {};
}

unsynced partition_log::dirty() const {
  unsynced out;
  out.end_offset = end_offset_;
  out.last_epoch = end_position().epoch;
  out.ticket = stamp_;
  for (const auto* list : {&dirty_files_, &dirty_directories_})
    for (const auto& d : *list)
      out.files.push_back(d.file);
  return out;
}

void partition_log::mark_synced(const unsynced& what) {
  std::erase_if(dirty_files_, [&](const dirty_file& d) { return d.stamp <= what.ticket; });
  std::erase_if(dirty_directories_, [&](const dirty_file& d) { return d.stamp <= what.ticket; });
  if (what.ticket >= sync_barrier_) {
    synced_offset_ = std::max(synced_offset_, std::min(what.end_offset, end_offset_));
    synced_epoch_ = std::max(synced_epoch_, what.last_epoch);
  }
  if (point_stamp_ != 0 && point_stamp_ <= what.ticket)
    note_point_synced();
  // Where this fails the new version stays beside the old one, complete and on disk: opening the log finds it.
  (void)publish_epochs(what.ticket);
  synced_ticket_ = std::max(synced_ticket_, what.ticket);
  if (pending_is_synced())
    (void)advance_point(); // it is an optimisation of the next start; checkpoint() tries again
  move_point_over_gaps();
}

/// Where a later write has failed half-way it was half of something else that was synced: the next sync takes it again.
void partition_log::note_point_synced() {
  if (!point_file_.is_torn()) {
    point_file_.mark_synced();
    point_stamp_ = 0;
    point_is_on_disk();
  } else if (const auto& whole = point_file_.point()) {
    (void)write_point(*whole, false);
  } else {
    point_stamp_ = 0; // it was the first one: there is none yet
  }
}

/// The folder itself may be new: its name is in its parent, which is dirty then as well.
result<void> partition_log::sync_folders() {
  for (const auto& d : dirty_directories_)
    if (auto ok = d.file->sync(); !ok)
      return ok;
  return {};
}

result<void> partition_log::sync() {
  const auto what = dirty();
  for (const auto& f : what.files)
    if (auto ok = f->sync(); !ok)
      return ok;
  mark_synced(what);
  return {};
}

// A new version of the epoch file is a file of its own and counts as soon as it is whole on disk: opening the log
// takes the newest whole one. It gets its name after the sync that others wait for anyway, so that a thousand
// partitions that change their epoch share one sync. A version that may have been synced is never written over.
result<void> partition_log::write_epochs(bool durable) {
  if (configurations_unwritten_)
    if (auto ok = write_configurations(); !ok)
      return ok;
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  const auto path = epochs_version_path(dir_, next_epochs_number_);
  if (auto ok = write_epochs_version(path, durable); !ok) {
    // Nobody has relied on it: the next attempt takes its name.
    (void)disk_->remove(path);
    return ok;
  }
  epochs_unwritten_ = false;
  stale_marks_ahead_ &= !durable;
  waiting_epochs_.push_back({next_epochs_number_++, durable ? 0 : stamp_});
  return durable ? publish_epochs(stamp_) : result<void>{};
}

result<void> partition_log::write_epochs_version(const std::string& path, bool durable) {
  auto f = disk_->open(path, open_mode::create_new);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto text = epochs_.text();
  const bytes_view parts[] = {as_bytes(text)};
  if (auto ok = (*f)->write_at(0, parts); !ok)
    return ok;
  if (!durable) {
    touch(std::move(*f));
    return {};
  }
  if (auto ok = (*f)->sync(); !ok)
    return ok;
  return disk_->sync_directory(dir_);
}

/// Gives the newest version that is synced its name. Older ones go first, and are gone for good before that: one that
/// came back after a crash would count more than the name.
result<void> partition_log::publish_epochs(uint64_t ticket) {
  const auto newest = std::find_if(waiting_epochs_.rbegin(), waiting_epochs_.rend(),
                                   [&](const waiting_epochs& w) { return w.stamp <= ticket; });
  if (newest == waiting_epochs_.rend())
    return {};
  const auto number = newest->number;
  if (waiting_epochs_.front().number != number) {
    if (auto ok = drop_epochs_before(number); !ok)
      return ok;
    waiting_epochs_.front().stamp = stamp_;
    return {};
  }
  if (auto ok = disk_->rename(epochs_version_path(dir_, number), dir_ + "/" + std::string{epochs_file_name}); !ok)
    return ok;
  waiting_epochs_.erase(waiting_epochs_.begin());
  return {};
}

result<void> partition_log::drop_epochs_before(uint64_t number) {
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  while (waiting_epochs_.front().number != number) {
    if (auto ok = disk_->remove(epochs_version_path(dir_, waiting_epochs_.front().number)); !ok)
      return ok;
    waiting_epochs_.erase(waiting_epochs_.begin());
  }
  return {};
}

/// A snapshot has the size of all producers, whatever has changed. Opening the log reads the headers of what was
/// appended since the newest one, max(64 KiB, 4 x the size of a snapshot) at most between two checkpoints, or all of
/// the log where there is none. Each segment begins with one (roll()): what compaction takes out of closed segments is
/// never needed to know the producers.
bool partition_log::snapshot_is_due() const {
  return snapshots_.empty() ||
         since_snapshot_ >=
           std::max<uint64_t>(least_since_snapshot, appended_per_snapshot_byte * producers_.snapshot_size());
}

result<void> partition_log::write_snapshot() {
  if (producers_.empty() || (!snapshots_.empty() && snapshots_.back() == end_offset_))
    return {};
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  const auto path = file_stem(dir_, end_offset_) + std::string{snapshot_suffix};
  auto f = disk_->open(path, open_mode::create_new);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto content = producers_.snapshot();
  const bytes_view parts[] = {as_bytes(content)};
  if (auto ok = (*f)->write_at(0, parts); !ok) {
    (void)disk_->remove(path);
    return ok;
  }
  touch(std::move(*f));
  snapshots_.push_back(end_offset_);
  since_snapshot_ = 0;
  return prune_snapshots();
}

result<void> partition_log::prune_snapshots() {
  while (snapshots_.size() > snapshots_kept) {
    if (auto ok = disk_->remove(file_stem(dir_, snapshots_.front()) + std::string{snapshot_suffix}); !ok)
      return ok;
    snapshots_.erase(snapshots_.begin());
  }
  return {};
}

recovery_point partition_log::point_at_end() {
  recovery_point p;
  p.segment_base = active().base_offset();
  p.position = active().size();
  p.offset = end_offset_;
  const auto max = active().max_timestamp();
  p.max_timestamp = max ? max->timestamp : -1;
  p.max_timestamp_offset = max ? max->last_offset : recovery_point::unknown;
  p.snapshot_offset = producers_.empty() ? -1 : snapshots_.empty() ? recovery_point::unknown : snapshots_.back();
  return p;
}

/// Number and checksum of the base offsets of all segments up to `upto`.
std::pair<uint32_t, uint32_t> partition_log::segment_summary(offset_t upto) const {
  crc32c hash;
  uint32_t count = 0;
  for (const auto& s : segments_) {
    if (s->base_offset() > upto)
      break;
    std::array<std::byte, sizeof(offset_t)> base;
    store_be(base.data(), s->base_offset());
    hash.add(base);
    ++count;
  }
  return {count, hash.value()};
}

result<void> partition_log::write_point(recovery_point p, bool durable) {
  // Marks that only the tail tells of would be lost with the tail.
  const bool moves_up = !point_file_.point() || p.offset > point_file_.point()->offset;
  if (epochs_unwritten_ && moves_up)
    if (auto ok = write_epochs(true); !ok)
      return ok;
  p.start_offset = start_offset_;
  p.compacted_upto = compacted_upto_;
  p.gaps_upto = gaps_upto_;
  p.marks_come_first = marks_come_first_;
  p.established = established_;
  std::tie(p.segment_count, p.segment_hash) = segment_summary(p.segment_base);
  if (auto ok = point_file_.write(p, durable); !ok)
    return ok;
  if (durable) {
    point_stamp_ = 0;
    point_is_on_disk();
  }
  return point_stamp_ == 0 ? result<void>{} : touch_point();
}

/// The point that was written last is to be synced with everything else.
result<void> partition_log::touch_point() {
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  auto f = point_file_.open_file();
  if (!f)
    return tl::make_unexpected(f.error());
  std::erase_if(dirty_files_, [&](const dirty_file& d) { return d.file->path() == (*f)->path(); });
  touch(std::move(*f));
  point_stamp_ = stamp_;
  return {};
}

void partition_log::set_pending() {
  pending_ = point_at_end();
  pending_stamp_ = stamp_;
}

/// The records below it, and the files that it names.
bool partition_log::pending_is_synced() const {
  return pending_ && pending_->offset <= synced_offset_ && (!is_dirty() || pending_stamp_ <= synced_ticket_);
}

result<void> partition_log::advance_point() {
  const auto p = *pending_;
  pending_.reset();
  const auto& current = point_file_.point();
  if (p.segment_base < segments_.front()->base_offset() || (current && current->offset > p.offset))
    return {};
  return write_point(p, false);
}

result<void> partition_log::checkpoint() {
  if (auto ok = check_usable(); !ok)
    return ok;
  reserve_.renew();
  if (!pending_ && (!point_file_.point() || point_file_.point()->offset < end_offset_)) {
    if (snapshot_is_due())
      if (auto ok = write_snapshot(); !ok)
        return ok;
    if (auto ok = active().flush_indexes(); !ok)
      return ok;
    set_pending();
  }
  if (pending_is_synced())
    if (auto ok = advance_point(); !ok)
      return ok;
  move_point_over_gaps();
  return {};
}

result<void> partition_log::close() {
  if (auto ok = check_usable(); !ok)
    return ok;
  if (auto ok = write_snapshot(); !ok)
    return ok;
  if (auto ok = active().seal(); !ok)
    return ok;
  if (auto ok = sync(); !ok)
    return ok;
  const auto& current = point_file_.point();
  const auto end = point_at_end();
  if (current && !point_file_.is_torn() && current->offset == end.offset && current->position == end.position &&
      current->start_offset == start_offset_ && current->snapshot_offset == end.snapshot_offset)
    return {};
  pending_.reset();
  return write_point(end, false);
}

} // namespace chisme::log
