#include "actors/log/segment.hpp"

#include "actors/log/cold_reads.hpp"
#include "actors/log/file_names.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace chisme::log {

namespace {

/// How many index entries are tried before the index counts as useless.
constexpr uint64_t entries_to_try = 4;

} // namespace

segment::segment(files& disk, std::string stem, const std::string& tag, file_ptr log, offset_t base,
                 const segment_files& sizes, int64_t interval)
  : disk_(&disk), stem_(std::move(stem)), log_(std::move(log)), base_(base), size_(sizes.log), interval_(interval),
    offsets_(disk, stem_, tag, base, sizes.index), times_(disk, stem_, tag, base, sizes.time_index) {}

result<std::unique_ptr<segment>> segment::create(files& disk, const std::string& dir, offset_t base,
                                                 int64_t index_interval, const std::string& tag) {
  auto stem = file_stem(dir, base);
  auto log = disk.open(stem + std::string{log_suffix} + tag, open_mode::create_new);
  if (!log)
    return tl::make_unexpected(log.error());
  for (auto suffix : {index_suffix, time_index_suffix}) {
    auto f = disk.open(stem + std::string{suffix} + tag, open_mode::create_new);
    if (!f) {
      (void)remove_files(disk, stem, tag);
      return tl::make_unexpected(f.error());
    }
  }
  std::unique_ptr<segment> s{new segment{disk, stem, tag, std::move(*log), base, {}, index_interval}};
  s->max_known_ = true;
  return s;
}

result<std::unique_ptr<segment>> segment::open(files& disk, const std::string& dir, offset_t base,
                                               const segment_files& sizes, int64_t index_interval) {
  auto stem = file_stem(dir, base);
  auto log = disk.open(stem + std::string{log_suffix}, open_mode::read_write);
  if (!log)
    return tl::make_unexpected(log.error());
  return std::unique_ptr<segment>{new segment{disk, stem, {}, std::move(*log), base, sizes, index_interval}};
}

result<void> segment::append(std::span<const bytes_view> parts, uint64_t length) {
  // What is appended was checked when it came in: whoever reads it next need not read it twice.
  begin_check();
  auto ok = log_->write_at(size_, parts);
  if (!ok)
    return ok;
  if (stamp_ = log_->change_stamp(); stamp_)
    whole_.add(size_, size_ + length);
  size_ += length;
  return ok;
}

void segment::begin_check() {
  const auto now = log_->change_stamp();
  if (!now || now != stamp_)
    whole_.clear();
  stamp_ = now;
}

uint64_t segment::whole_until(uint64_t position) {
  const auto end = whole_.until(position);
  if (end == position || log_->change_stamp() == stamp_)
    return end;
  whole_.clear();
  return position;
}

result<void> segment::cut_back() {
  if (auto ok = log_->truncate(size_); !ok)
    return ok;
  return log_->sync();
}

void segment::note(const batch_header& header, uint64_t position) {
  if (header.max_timestamp > max_.timestamp)
    max_ = {header.max_timestamp, header.last_offset()};
  if (!first_timestamp_)
    first_timestamp_ = header.max_timestamp;
  if (since_entry_ > interval_) {
    (void)offsets_.append({header.last_offset(), position});
    if (max_.timestamp > last_time_entry_) {
      (void)times_.append(max_);
      last_time_entry_ = max_.timestamp;
    }
    since_entry_ = 0;
  }
  since_entry_ += static_cast<int64_t>(header.size());
}

result<std::optional<located_batch>> segment::batch_at(uint64_t position) {
  std::array<std::byte, batch_header_size> bytes;
  if (position + bytes.size() > size_)
    return std::nullopt;
  auto n = log_->read_at(position, bytes);
  if (!n)
    return tl::make_unexpected(n.error());
  if (*n < bytes.size())
    return std::nullopt;
  located_batch batch{batch_header::parse(bytes.data()), position};
  if (batch.header.insane() || batch.end() > size_)
    return std::nullopt;
  return batch;
}

result<std::optional<uint64_t>> segment::checked_position(const offset_entry& e) {
  auto batch = batch_at(e.position);
  if (!batch)
    return tl::make_unexpected(batch.error());
  if (!*batch || (*batch)->header.last_offset() != e.last_offset || (*batch)->header.base_offset < base_)
    return std::nullopt;
  return e.position;
}

result<uint64_t> segment::start_for(offset_t offset) {
  auto count = offsets_.count_not_above(offset);
  if (!count && would_wait(count.error()))
    return tl::make_unexpected(count.error());
  if (!count || rebuild_was_interrupted_) {
    (void)rebuild_indexes();
    count = offsets_.count_not_above(offset);
  }
  if (!count || *count == 0)
    return 0;
  for (uint64_t tried = 0; tried < std::min(*count, entries_to_try); ++tried) {
    auto e = offsets_.at(*count - 1 - tried);
    if (!e && would_wait(e.error()))
      return tl::make_unexpected(e.error());
    if (!e || !*e || (*e)->last_offset > offset)
      continue;
    auto position = checked_position(**e);
    if (!position)
      return tl::make_unexpected(position.error());
    if (*position)
      return **position;
  }
  if (*count > entries_to_try)
    (void)rebuild_indexes();
  return 0;
}

tl::unexpected<error> segment::corrupt_at(uint64_t position, offset_t expected, const char* why) const {
  auto what = path() + ": the batch at position " + std::to_string(position);
  if (expected >= 0)
    what += ", offset " + std::to_string(expected) + ",";
  return fail(error_code::corrupt_message, what + " is corrupt: " + why);
}

result<std::optional<located_batch>> segment::find(offset_t offset, bool gaps_allowed, std::optional<uint64_t> hint,
                                                   looked_for what) {
  auto start = hint ? result<uint64_t>{*hint} : start_for(offset);
  if (!start)
    return tl::make_unexpected(start.error());
  batch_scanner scanner{*log_, *start, size_, batch_scanner::check::headers};
  offset_t expected = hint ? offset : *start == 0 ? base_ : -1;
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    const auto& h = (*batch)->header;
    if (expected >= 0 && (h.base_offset < expected || (h.base_offset > expected && !gaps_allowed)))
      return corrupt_at((*batch)->position, expected, "its base offset does not follow the batch before");
    if (h.last_offset() >= offset && (what == looked_for::batches || !h.is_empty()))
      return *batch;
    expected = h.next_offset();
  }
  if (scanner.problem())
    return corrupt_at(scanner.position(), expected, scanner.problem());
  return std::nullopt;
}

result<std::optional<located_batch>> segment::find_time(timestamp_ms timestamp, offset_t from) {
  uint64_t start = 0;
  if (auto below = times_.last_not_above(timestamp - 1); below && *below) {
    auto batch = find((*below)->last_offset, true);
    if (!batch)
      return batch;
    // The entry says that nothing up to its batch is younger; believed if that batch is as it says.
    if (*batch && (*batch)->header.last_offset() == (*below)->last_offset &&
        (*batch)->header.max_timestamp == (*below)->timestamp)
      start = (*batch)->end();
  }
  batch_scanner scanner{*log_, start, size_, batch_scanner::check::headers};
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    const auto& h = (*batch)->header;
    if (h.max_timestamp >= timestamp && h.last_offset() >= from && !h.is_empty())
      return *batch;
  }
  if (scanner.problem())
    return corrupt_at(scanner.position(), -1, scanner.problem());
  return std::nullopt;
}

result<std::optional<located_batch>> segment::last_batch() {
  auto start = start_for(std::numeric_limits<offset_t>::max());
  if (!start)
    return tl::make_unexpected(start.error());
  batch_scanner scanner{*log_, *start, size_, batch_scanner::check::headers};
  std::optional<located_batch> last;
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    last = *batch;
  }
  if (scanner.problem())
    return corrupt_at(scanner.position(), last ? last->header.next_offset() : base_, scanner.problem());
  return last;
}

result<void> segment::scan_max_timestamp() {
  time_entry found{-1, -1};
  uint64_t start = 0;
  if (auto e = times_.at(times_.count() - 1); times_.count() > 0 && e && *e) {
    auto batch = find((*e)->last_offset, true);
    if (batch && *batch && (*batch)->header.last_offset() == (*e)->last_offset &&
        (*batch)->header.max_timestamp == (*e)->timestamp) {
      found = **e;
      start = (*batch)->end();
    }
  }
  batch_scanner scanner{*log_, start, size_, batch_scanner::check::headers};
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    if ((*batch)->header.max_timestamp > found.timestamp)
      found = {(*batch)->header.max_timestamp, (*batch)->header.last_offset()};
  }
  // What lies behind may be younger: retention must not take it for old.
  if (scanner.problem())
    return corrupt_at(scanner.position(), -1, scanner.problem());
  max_ = found;
  max_known_ = true;
  return {};
}

result<time_entry> segment::max_timestamp() {
  if (!max_known_) {
    if (auto ok = scan_max_timestamp(); !ok)
      return tl::make_unexpected(ok.error());
  }
  return max_;
}

result<timestamp_ms> segment::newest_time() {
  auto max = max_timestamp();
  if (!max)
    return tl::make_unexpected(max.error());
  return max->timestamp >= 0 ? max->timestamp : log_->modified_at().value_or(-1);
}

result<std::optional<located_batch>> segment::timed_batch_below(offset_t upper_bound) {
  for (auto number = times_.count(); number-- > 0;) {
    auto e = times_.at(number);
    if (!e && would_wait(e.error()))
      return tl::make_unexpected(e.error());
    if (!e || !*e || (*e)->last_offset >= upper_bound)
      continue;
    auto batch = find((*e)->last_offset, true);
    if (!batch)
      return batch;
    const bool is_so = *batch && (*batch)->header.last_offset() == (*e)->last_offset &&
                       (*batch)->header.max_timestamp == (*e)->timestamp && !(*batch)->header.is_empty();
    return is_so ? batch : std::nullopt;
  }
  return std::nullopt;
}

result<time_entry> segment::max_record_timestamp(offset_t upper_bound) {
  auto known = timed_batch_below(upper_bound);
  if (!known)
    return tl::make_unexpected(known.error());
  time_entry found{-1, -1};
  uint64_t start = 0;
  if (*known) {
    found = {(*known)->header.max_timestamp, (*known)->header.last_offset()};
    start = (*known)->end();
  }
  batch_scanner scanner{*log_, start, size_, batch_scanner::check::headers};
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch || (*batch)->header.last_offset() >= upper_bound)
      return found;
    const auto& h = (*batch)->header;
    if (h.max_timestamp > found.timestamp && !h.is_empty())
      found = {h.max_timestamp, h.last_offset()};
  }
}

result<timestamp_ms> segment::first_timestamp() {
  if (!first_timestamp_) {
    auto first = batch_at(0);
    if (!first)
      return tl::make_unexpected(first.error());
    if (!*first)
      return -1;
    first_timestamp_ = (*first)->header.max_timestamp;
  }
  return *first_timestamp_;
}

} // namespace chisme::log
