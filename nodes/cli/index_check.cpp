#include "nodes/cli/index_check.hpp"

namespace chisme::cli {

namespace {

constexpr uint64_t max_index_file = 1ull << 30;
constexpr size_t max_problems = 100;

template <class Format>
result<std::vector<typename Format::entry>> read_entries(log::files& disk, const std::string& stem, offset_t base) {
  std::vector<typename Format::entry> entries;
  auto path = stem + Format::suffix;
  auto there = disk.exists(path);
  if (!there || !*there)
    return there ? result<std::vector<typename Format::entry>>{entries} : tl::make_unexpected(there.error());
  auto content = disk.read_all(path, max_index_file);
  if (!content)
    return tl::make_unexpected(content.error());
  auto bytes = as_bytes(*content);
  entries.reserve(bytes.size() / Format::size);
  for (size_t at = 0; at + Format::size <= bytes.size(); at += Format::size)
    entries.push_back(Format::load(bytes.data() + at, base));
  return entries;
}

} // namespace

result<index_check> index_check::open(log::files& disk, const std::string& stem, offset_t base) {
  index_check check;
  auto offsets = read_entries<log::offset_entry_format>(disk, stem, base);
  if (!offsets)
    return tl::make_unexpected(offsets.error());
  auto times = read_entries<log::time_entry_format>(disk, stem, base);
  if (!times)
    return tl::make_unexpected(times.error());
  check.offsets_ = std::move(*offsets);
  check.times_ = std::move(*times);
  return check;
}

void index_check::pass(const log::located_batch& batch) {
  check_offsets(batch);
  check_times(batch);
}

void index_check::check_offsets(const log::located_batch& batch) {
  for (; next_offset_ < offsets_.size() && offsets_[next_offset_].position <= batch.position; ++next_offset_) {
    auto& entry = offsets_[next_offset_];
    if (entry.position < batch.position)
      complain(".index", next_offset_, "no batch begins at position " + std::to_string(entry.position));
    else if (entry.last_offset != batch.header.last_offset())
      complain(".index", next_offset_,
               "says offset " + std::to_string(entry.last_offset) + ", the batch at position " +
                 std::to_string(entry.position) + " ends with " + std::to_string(batch.header.last_offset()));
  }
}

void index_check::check_times(const log::located_batch& batch) {
  auto last = batch.header.last_offset();
  for (; next_time_ < times_.size() && times_[next_time_].last_offset <= last; ++next_time_) {
    auto& entry = times_[next_time_];
    if (entry.last_offset < last)
      complain(".timeindex", next_time_, "no batch ends with offset " + std::to_string(entry.last_offset));
    else if (entry.timestamp != batch.header.max_timestamp)
      complain(".timeindex", next_time_,
               "says time " + std::to_string(entry.timestamp) + ", the batch that ends with offset " +
                 std::to_string(last) + " has " + std::to_string(batch.header.max_timestamp));
  }
}

std::vector<std::string> index_check::finish() {
  for (; next_offset_ < offsets_.size(); ++next_offset_)
    complain(".index", next_offset_, "no batch begins at position " + std::to_string(offsets_[next_offset_].position));
  for (; next_time_ < times_.size(); ++next_time_)
    complain(".timeindex", next_time_, "no batch ends with offset " + std::to_string(times_[next_time_].last_offset));
  return std::move(problems_);
}

void index_check::complain(const char* suffix, size_t number, const std::string& what) {
  if (problems_.size() < max_problems)
    problems_.push_back(std::string{suffix} + " entry " + std::to_string(number) + ": " + what);
}

} // namespace chisme::cli
