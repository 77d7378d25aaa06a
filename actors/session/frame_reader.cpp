#include "actors/session/frame_reader.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace chisme::session {

namespace {

/// A chunk with less room than this is left to the frames that are cut from it.
constexpr size_t least_room = 8 * 1024;

/// The last one that a reader of this thread gave back: mostly, one reads and gives back before the next one begins.
struct chunk {
  std::shared_ptr<std::byte[]> block;
  size_t capacity = 0;
};
thread_local chunk spare_chunk;

/// The first four characters of the common methods.
bool looks_like_http(std::string_view text) {
  constexpr std::array<std::string_view, 7> methods{"GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "CONN"};
  return std::find(methods.begin(), methods.end(), text) != methods.end();
}

} // namespace

std::span<std::byte> frame_reader::prepare() {
  if (expect_large_ && begin_ == end_)
    return std::span{prefix_}.subspan(prefix_filled_);
  if (begin_ != end_)
    return {block_.get() + end_, std::max(chunk_size, frame_end_) - end_};
  if (block_ && block_.use_count() == 1 && is_chunk()) {
    // Whoever held a slice of it let go in another thread; see what it did before.
    std::atomic_thread_fence(std::memory_order_acquire);
    begin_ = end_ = 0;
  } else if (!block_ || end_ + least_room > chunk_size) {
    new_chunk();
  }
  return {block_.get() + end_, chunk_size - end_};
}

void frame_reader::commit(size_t received) {
  if (!expect_large_ || begin_ != end_) {
    end_ += received;
    return;
  }
  prefix_filled_ += received;
}

result<std::optional<buffer>> frame_reader::next() {
  if (expect_large_ && begin_ == end_) {
    if (prefix_filled_ < prefix_size)
      return std::nullopt;
    auto size = frame_size(prefix_.data());
    if (!size)
      return tl::make_unexpected(size.error());
    if (const auto whole = *size + prefix_size; whole > chunk_size)
      new_block(whole);
    else
      new_chunk();
    std::memcpy(block_.get(), prefix_.data(), prefix_size);
    end_ = prefix_size;
    prefix_filled_ = 0;
    expect_large_ = false;
  }
  if (end_ - begin_ < prefix_size) {
    await(begin_ + prefix_size);
    return std::nullopt;
  }
  auto size = frame_size(block_.get() + begin_);
  if (!size)
    return tl::make_unexpected(size.error());
  const auto whole = *size + prefix_size;
  if (whole <= most_slack)
    slack_ = std::max(slack_, whole);
  if (end_ - begin_ < whole) {
    await(begin_ + whole);
    return std::nullopt;
  }
  buffer frame{std::shared_ptr<const void>{block_}, bytes_view{block_.get() + begin_ + prefix_size, *size}};
  begin_ += whole;
  frame_end_ = begin_;
  expect_large_ = whole > chunk_size / 2 && begin_ == end_;
  if (expect_large_)
    block_.reset();
  return frame;
}

void frame_reader::release() {
  if (begin_ != end_)
    return;
  if (block_ && block_.use_count() == 1 && is_chunk())
    spare_chunk = {std::move(block_), capacity_};
  block_.reset();
  capacity_ = begin_ = end_ = 0;
}

result<size_t> frame_reader::frame_size(const std::byte* prefix) const {
  uint32_t size = 0;
  for (size_t i = 0; i < prefix_size; ++i)
    size = (size << 8) | std::to_integer<uint32_t>(prefix[i]);
  if (size <= max_frame_)
    return size;
  // What other protocols say first reads as an absurd size; name them, it saves the user an hour.
  std::string hint;
  if (size >> 16 == 0x1603)
    hint = " (this looks like TLS: the listener speaks plain text)";
  else if (looks_like_http(as_chars({prefix, prefix_size})))
    hint = " (this looks like HTTP)";
  return fail(error_code::invalid_request, "frame of " + std::to_string(static_cast<int32_t>(size)) +
                                             " bytes, more than the " + std::to_string(max_frame_) + " " +
                                             std::string{whose_} + hint);
}

void frame_reader::await(size_t end) {
  frame_end_ = end;
  if (end <= capacity_ || begin_ == end_)
    return;
  const auto old = std::move(block_);
  const auto from = begin_;
  const auto received = end_ - begin_;
  if (const auto whole = end - begin_; whole > chunk_size)
    new_block(whole);
  else
    new_chunk();
  std::memcpy(block_.get(), old.get() + from, received);
  end_ = received;
  frame_end_ = end - from;
}

void frame_reader::new_chunk() {
  if (spare_chunk.capacity < chunk_size + slack_)
    return new_block(chunk_size + slack_);
  std::atomic_thread_fence(std::memory_order_acquire); // as in prepare()
  capacity_ = std::exchange(spare_chunk.capacity, 0);
  block_ = std::move(spare_chunk.block);
  begin_ = end_ = 0;
}

void frame_reader::new_block(size_t capacity) {
  block_ = std::make_shared_for_overwrite<std::byte[]>(capacity);
  capacity_ = capacity;
  begin_ = end_ = 0;
}

} // namespace chisme::session
