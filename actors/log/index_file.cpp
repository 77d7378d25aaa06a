#include "actors/log/index_file.hpp"

#include "actors/log/big_endian.hpp"

#include <algorithm>
#include <array>

namespace chisme::log {

namespace {

/// Entries that wait at most: with the usual interval of 4 KiB they stand for 256 KiB of log.
constexpr size_t chunk_entries = 64;
/// From here on a binary search reads everything that is left in one go.
constexpr uint64_t block_entries = 256;

} // namespace

void offset_entry_format::store(std::byte* to, const entry& e, offset_t base) {
  store_be(store_be(to, static_cast<int32_t>(e.last_offset - base)), static_cast<int32_t>(e.position));
}

offset_entry offset_entry_format::load(const std::byte* from, offset_t base) {
  return {base + load_be<uint32_t>(from), load_be<uint32_t>(from + 4)};
}

void time_entry_format::store(std::byte* to, const entry& e, offset_t base) {
  store_be(store_be(to, e.timestamp), static_cast<int32_t>(e.last_offset - base));
}

time_entry time_entry_format::load(const std::byte* from, offset_t base) {
  return {load_be<int64_t>(from), base + load_be<uint32_t>(from + 8)};
}

template <class Format>
result<void> index_file<Format>::append(const entry& e) {
  waiting_.push_back(e);
  return waiting_.size() < chunk_entries ? result<void>{} : flush();
}

template <class Format>
result<void> index_file<Format>::flush() {
  if (waiting_.empty())
    return {};
  auto f = disk_->open(path_, open_mode::create);
  if (!f)
    return tl::make_unexpected(f.error());
  std::vector<std::byte> bytes(waiting_.size() * Format::size);
  for (size_t i = 0; i < waiting_.size(); ++i)
    Format::store(bytes.data() + i * Format::size, waiting_[i], base_);
  const bytes_view parts[] = {bytes};
  if (auto ok = (*f)->write_at(stored_ * Format::size, parts); !ok)
    return ok;
  stored_ += waiting_.size();
  waiting_ = {}; // gives the memory back: most partitions are idle
  return {};
}

template <class Format>
result<std::optional<typename Format::entry>> index_file<Format>::at(uint64_t number) {
  if (number >= count())
    return std::nullopt;
  if (number >= stored_)
    return waiting_[number - stored_];
  auto f = disk_->open(path_, open_mode::read);
  if (!f)
    return tl::make_unexpected(f.error());
  std::array<std::byte, Format::size> bytes;
  auto n = (*f)->read_at(number * Format::size, bytes);
  if (!n)
    return tl::make_unexpected(n.error());
  if (*n < bytes.size())
    return std::nullopt;
  return Format::load(bytes.data(), base_);
}

template <class Format>
result<std::optional<typename Format::entry>> index_file<Format>::last_not_above(int64_t key) {
  auto n = count_not_above(key);
  if (!n)
    return tl::make_unexpected(n.error());
  return *n == 0 ? result<std::optional<entry>>{std::nullopt} : at(*n - 1);
}

template <class Format>
result<uint64_t> index_file<Format>::count_not_above(int64_t key) {
  if (!waiting_.empty() && Format::key(waiting_.front()) <= key) {
    auto above =
      std::partition_point(waiting_.begin(), waiting_.end(), [&](const entry& e) { return Format::key(e) <= key; });
    return stored_ + static_cast<uint64_t>(above - waiting_.begin());
  }
  return stored_not_above(key);
}

template <class Format>
result<uint64_t> index_file<Format>::stored_not_above(int64_t key) {
  if (stored_ == 0)
    return 0;
  auto f = disk_->open(path_, open_mode::read);
  if (!f)
    return tl::make_unexpected(f.error());
  std::array<std::byte, block_entries * Format::size> bytes;
  uint64_t low = 0;
  uint64_t high = stored_;
  while (high - low > block_entries) {
    const auto middle = low + (high - low) / 2;
    auto n = (*f)->read_at(middle * Format::size, std::span{bytes}.first(Format::size));
    if (!n)
      return tl::make_unexpected(n.error());
    if (*n == Format::size && Format::key(Format::load(bytes.data(), base_)) <= key)
      low = middle + 1;
    else
      high = middle;
  }
  auto n = (*f)->read_at(low * Format::size, std::span{bytes}.first((high - low) * Format::size));
  if (!n)
    return tl::make_unexpected(n.error());
  const auto whole = *n / Format::size;
  uint64_t i = 0;
  while (i < whole && Format::key(Format::load(bytes.data() + i * Format::size, base_)) <= key)
    ++i;
  return low + i;
}

template <class Format>
result<void> index_file<Format>::truncate(uint64_t count_to_keep) {
  if (count_to_keep >= stored_) {
    waiting_.resize(std::min<uint64_t>(waiting_.size(), count_to_keep - stored_));
    return {};
  }
  waiting_.clear();
  auto f = disk_->open(path_, open_mode::create);
  if (!f)
    return tl::make_unexpected(f.error());
  if (auto ok = (*f)->truncate(count_to_keep * Format::size); !ok)
    return ok;
  stored_ = count_to_keep;
  return {};
}

template <class Format>
result<file_ptr> index_file<Format>::open_file() {
  if (stored_ == 0)
    return file_ptr{};
  return disk_->open(path_, open_mode::read_write);
}

template class index_file<offset_entry_format>;
template class index_file<time_entry_format>;

} // namespace chisme::log
