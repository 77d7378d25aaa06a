#include "actors/log/batch_scanner.hpp"

#include "actors/log/crc32c.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// Small enough to stay in the CPU's cache between read and checksum, large enough to make calls cheap.
constexpr size_t crc_window = 128 * 1024;
/// For headers alone where batches are small: several of them a read. Where they are large nothing but the header is
/// read: what lies between would be copied in vain.
constexpr size_t header_window = 8 * 1024;
constexpr uint64_t small_batch = header_window / 8;

std::span<std::byte> scratch() {
  static thread_local const auto memory = std::make_unique_for_overwrite<std::byte[]>(crc_window);
  return {memory.get(), crc_window};
}

} // namespace

batch_scanner::batch_scanner(file& f, uint64_t begin, uint64_t end, check what)
  : file_(f), at_(begin), end_(end), check_(what) {}

result<bytes_view> batch_scanner::window(uint64_t position, size_t least) {
  const auto have_until = window_begin_ + window_size_;
  if (position < window_begin_ || position + least > have_until) {
    const auto most = check_ == check::crc ? crc_window : last_size_ <= small_batch ? header_window : batch_header_size;
    const auto wanted = std::min<uint64_t>(most, end_ - std::min(end_, position));
    auto n = file_.read_at(position, scratch().first(wanted));
    if (!n)
      return tl::make_unexpected(n.error());
    window_begin_ = position;
    window_size_ = *n;
  }
  return bytes_view{scratch()}.subspan(position - window_begin_, window_size_ - (position - window_begin_));
}

result<std::optional<located_batch>> batch_scanner::next() {
  if (at_ >= end_ || problem_)
    return std::nullopt;
  auto bytes = window(at_, batch_header_size);
  if (!bytes)
    return tl::make_unexpected(bytes.error());
  if (bytes->size() < batch_header_size) {
    problem_ = "it is truncated";
    return std::nullopt;
  }
  located_batch batch{batch_header::parse(bytes->data()), at_};
  problem_ = batch.header.insane();
  if (!problem_ && batch.end() > end_)
    problem_ = "it is truncated";
  if (problem_)
    return std::nullopt;
  if (check_ == check::crc) {
    auto ok = crc_matches(batch);
    if (!ok)
      return tl::make_unexpected(ok.error());
    if (!*ok) {
      problem_ = "its CRC does not match";
      return std::nullopt;
    }
  }
  at_ = batch.end();
  last_size_ = batch.header.size();
  return batch;
}

result<bool> batch_scanner::crc_matches(const located_batch& batch) {
  crc32c crc;
  for (auto from = batch.position + crc_covers_from; from < batch.end();) {
    auto bytes = window(from, 1);
    if (!bytes)
      return tl::make_unexpected(bytes.error());
    if (bytes->empty())
      return false;
    const auto n = std::min<uint64_t>(bytes->size(), batch.end() - from);
    crc.add(bytes->first(n));
    from += n;
  }
  return crc.value() == batch.header.crc;
}

} // namespace chisme::log
