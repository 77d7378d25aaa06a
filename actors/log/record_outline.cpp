#include "actors/log/record_outline.hpp"

#include "actors/log/varint.hpp"

#include <utility>

namespace chisme::log {

namespace {

// Records that lie in one piece, which nearly all do.

bool pass_bytes(const std::byte*& at, const std::byte* end, int32_t& length) {
  if (!read_varint(at, end, length) || length < -1 || length > end - at)
    return false;
  at += length > 0 ? length : 0;
  return true;
}

bool pass_headers(const std::byte*& at, const std::byte* end) {
  int32_t count = 0;
  if (!read_varint(at, end, count) || count < 0 || count > end - at)
    return false;
  for (; count > 0; --count) {
    int32_t key = 0;
    int32_t value = 0;
    if (!pass_bytes(at, end, key) || key < 0 || !pass_bytes(at, end, value))
      return false;
  }
  return true;
}

bool read_whole(const std::byte* at, const std::byte* end, record_outline& out) {
  if (at == end)
    return false;
  ++at; // attributes: none are defined
  int32_t key = 0;
  int32_t value = 0;
  if (!read_varint(at, end, out.timestamp_delta) || !read_varint(at, end, out.offset_delta) ||
      !pass_bytes(at, end, key) || !pass_bytes(at, end, value) || !pass_headers(at, end))
    return false;
  out.has_key = key >= 0;
  return at == end;
}

} // namespace

bool record_outline_reader::refill() {
  if (problem_)
    return false;
  auto piece = block_->next();
  if (!piece) {
    problem_ = std::move(piece.error());
    return false;
  }
  passed_ += end_ - begin_;
  begin_ = at_ = piece->data();
  end_ = begin_ + piece->size();
  return at_ != end_;
}

bool record_outline_reader::read_byte(std::byte& value) {
  if (at_ == end_ && !refill())
    return false;
  value = *at_++;
  return true;
}

template <class T>
bool record_outline_reader::read_number(T& value) {
  if (end_ - at_ >= static_cast<std::ptrdiff_t>(max_varint))
    return read_varint(at_, end_, value);
  // Near the end of a piece: the number may go on in the next one.
  std::byte few[max_varint];
  size_t count = 0;
  do {
    if (count == max_varint || !read_byte(few[count]))
      return false;
  } while ((few[count++] & std::byte{0x80}) != std::byte{0});
  const auto* from = few;
  return read_varint(from, few + count, value);
}

bool record_outline_reader::skip(int64_t count) {
  while (count > end_ - at_) {
    count -= end_ - at_;
    at_ = end_;
    if (!refill())
      return false;
  }
  at_ += count;
  return true;
}

bool record_outline_reader::skip_bytes(int64_t end, int32_t& length) {
  return read_number(length) && length >= -1 && length <= end - position() && (length <= 0 || skip(length));
}

bool record_outline_reader::skip_headers(int64_t end) {
  int32_t count = 0;
  if (!read_number(count) || count < 0 || count > end - position())
    return false;
  for (; count > 0; --count) {
    int32_t key = 0;
    int32_t value = 0;
    if (!skip_bytes(end, key) || key < 0 || !skip_bytes(end, value))
      return false;
  }
  return true;
}

bool record_outline_reader::read(record_outline& out) {
  int32_t length = 0;
  if (!read_number(length) || length < 0)
    return false;
  if (length <= end_ - at_) {
    const auto* begin = std::exchange(at_, at_ + length);
    return read_whole(begin, at_, out);
  }
  const auto end = position() + length;
  std::byte attributes;
  int32_t key = 0;
  int32_t value = 0;
  if (!read_byte(attributes) || !read_number(out.timestamp_delta) || !read_number(out.offset_delta) ||
      !skip_bytes(end, key) || !skip_bytes(end, value) || !skip_headers(end))
    return false;
  out.has_key = key >= 0;
  return position() == end;
}

std::optional<record_outline> record_outline_reader::next() {
  if (failed_ || at_end() || problem_)
    return std::nullopt;
  record_outline out;
  if (read(out))
    return out;
  failed_ = !problem_;
  return std::nullopt;
}

bool record_outline_reader::at_end() { return !failed_ && at_ == end_ && !refill() && !problem_; }

} // namespace chisme::log
