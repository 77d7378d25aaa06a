// The part of segment that keeps files and indexes in shape: truncation, rebuilding, sealing, removal.
#include "actors/log/cold_reads.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/segment.hpp"

namespace chisme::log {

result<void> segment::truncate(uint64_t position, offset_t next) {
  if (auto ok = log_->truncate(position); !ok)
    return ok;
  return restart_at(position, next, std::nullopt);
}

result<void> segment::restart_at(uint64_t position, offset_t next, std::optional<time_entry> max_below) {
  size_ = position;
  if (position == 0)
    first_timestamp_.reset();
  max_ = max_below.value_or(time_entry{-1, -1});
  max_known_ = max_below.has_value() || position == 0;
  since_entry_ = 0;
  if (auto ok = trim_times(next); !ok)
    return ok;
  auto from = trim_offsets(next);
  if (!from)
    return tl::make_unexpected(from.error());
  if (!max_known_) {
    if (auto ok = scan_max_timestamp(); !ok)
      return ok;
  }
  return index_from(*from);
}

void segment::accept(const located_batch& batch) {
  note(batch.header, batch.position);
  size_ = batch.end();
}

result<uint64_t> segment::trim_offsets(offset_t next) {
  auto count = offsets_.count_not_above(next - 1);
  // Entries behind what was synced may be garbage and out of order: the last one that is where it says decides.
  for (auto keep = count ? *count : 0; keep > 0; --keep) {
    auto e = offsets_.at(keep - 1);
    if (!e || !*e || (*e)->last_offset >= next)
      continue;
    auto there = checked_position(**e);
    if (!there)
      return tl::make_unexpected(there.error());
    if (!*there)
      continue;
    if (auto ok = offsets_.truncate(keep); !ok)
      return tl::make_unexpected(ok.error());
    return **there;
  }
  if (auto ok = offsets_.truncate(0); !ok)
    return tl::make_unexpected(ok.error());
  return 0;
}

result<void> segment::trim_times(offset_t next) {
  last_time_entry_ = -1;
  auto keep = times_.count();
  for (; keep > 0; --keep) {
    auto e = times_.at(keep - 1);
    if (e && *e && (*e)->last_offset >= base_ && (*e)->last_offset < next) {
      last_time_entry_ = (*e)->timestamp;
      break;
    }
  }
  return times_.truncate(keep);
}

result<void> segment::index_from(uint64_t position) {
  batch_scanner scanner{*log_, position, size_, batch_scanner::check::headers};
  const auto max = max_;
  for (bool indexed = position > 0;; indexed = false) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    if (indexed)
      since_entry_ = static_cast<int64_t>((*batch)->header.size());
    else
      note((*batch)->header, (*batch)->position);
  }
  max_ = max;
  return {};
}

result<void> segment::rebuild_indexes() {
  // Who may not wait leaves them as they are.
  if (!log_->is_in_memory(0, size_))
    return tl::make_unexpected(cold_reads::why_not());
  rebuild_was_interrupted_ = true;
  if (auto ok = offsets_.truncate(0); !ok)
    return ok;
  if (auto ok = times_.truncate(0); !ok)
    return ok;
  last_time_entry_ = -1;
  since_entry_ = 0;
  auto newest = scan_max_timestamp();
  if (!newest && newest.error().code != error_code::corrupt_message)
    return newest;
  if (auto ok = index_from(0); !ok)
    return ok;
  rebuild_was_interrupted_ = false;
  // What cannot be written stays in memory.
  (void)seal();
  return {};
}

result<void> segment::seal() {
  auto max = max_timestamp();
  if (max && max->timestamp > last_time_entry_) {
    (void)times_.append(*max);
    last_time_entry_ = max->timestamp;
  }
  return flush_indexes();
}

result<void> segment::flush_indexes() {
  if (auto ok = offsets_.flush(); !ok)
    return ok;
  return times_.flush();
}

result<std::vector<file_ptr>> segment::all_files() {
  std::vector<file_ptr> out{log_};
  for (auto f : {offsets_.open_file(), times_.open_file()})
    if (f && *f)
      out.push_back(*f);
  return out;
}

result<void> segment::remove() { return remove_files(*disk_, stem_); }

result<void> segment::remove_files(files& disk, const std::string& stem, const std::string& tag) {
  for (auto suffix : segment_suffixes) {
    const auto path = stem + std::string{suffix} + tag;
    auto there = disk.exists(path);
    if (!there)
      return tl::make_unexpected(there.error());
    if (!*there)
      continue;
    if (auto ok = disk.remove(path); !ok)
      return ok;
  }
  return {};
}

} // namespace chisme::log
