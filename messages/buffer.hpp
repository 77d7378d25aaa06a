// Shared immutable bytes.
//
// A frame that arrives on a socket becomes one block; everything cut from it (a record batch, a client id) is a
// slice that keeps the block alive. Copying a buffer copies a pointer and a view, never bytes.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace chisme {

using bytes_view = std::span<const std::byte>;

/// The same bytes as characters; the view lives as long as the bytes do.
inline std::string_view as_chars(bytes_view bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bytes_view as_bytes(std::string_view chars) {
  return {reinterpret_cast<const std::byte*>(chars.data()), chars.size()};
}

/// Immutable bytes with shared ownership. Thread-safe as a shared_ptr to const is.
class buffer {
public:
  buffer() = default;

  /// A view into something that `owner` keeps alive.
  buffer(std::shared_ptr<const void> owner, bytes_view view) : owner_(std::move(owner)), view_(view) {}

  static buffer copy_of(bytes_view bytes);
  static buffer copy_of(std::string_view chars) { return copy_of(as_bytes(chars)); }

  const std::byte* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  bytes_view view() const { return view_; }
  operator bytes_view() const { return view_; } // NOLINT: a buffer is a view that also owns

  /// The part [offset, offset + length); both must lie within.
  buffer slice(size_t offset, size_t length) const {
    assert(offset + length <= size());
    return {owner_, view_.subspan(offset, length)};
  }
  buffer slice(size_t offset) const { return slice(offset, size() - offset); }

  friend bool operator==(const buffer& a, const buffer& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

private:
  std::shared_ptr<const void> owner_;
  bytes_view view_;
};

/// A block to be filled once and then frozen into a buffer. Its memory is not initialised.
class buffer_builder {
public:
  explicit buffer_builder(size_t size) : block_(std::make_shared_for_overwrite<std::byte[]>(size)), size_(size) {}

  std::byte* data() { return block_.get(); }
  size_t size() const { return size_; }
  std::span<std::byte> span() { return {block_.get(), size_}; }

  /// The first `length` bytes as a buffer; the builder must not be written to afterwards.
  buffer freeze(size_t length) && {
    assert(length <= size_);
    auto view = bytes_view{block_.get(), length};
    return {std::shared_ptr<const void>{std::move(block_)}, view};
  }
  buffer freeze() && {
    auto n = size_;
    return std::move(*this).freeze(n);
  }

private:
  std::shared_ptr<std::byte[]> block_;
  size_t size_;
};

inline buffer buffer::copy_of(bytes_view bytes) {
  buffer_builder b{bytes.size()};
  if (!bytes.empty())
    std::memcpy(b.data(), bytes.data(), bytes.size());
  return std::move(b).freeze();
}

} // namespace chisme
