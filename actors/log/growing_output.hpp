// Memory for output of unknown size that may not go over a bound.
#pragma once

#include "messages/buffer.hpp"

#include <algorithm>

namespace chisme::log {

/// Doubles as real output fills it: what a decompressor claims costs nothing.
class growing_output {
public:
  /// Starts with four times the input, a usual ratio, and never takes more than `limit` bytes.
  growing_output(size_t input_size, size_t limit)
    : limit_(limit), block_(std::min(limit, std::max<size_t>(1024, input_size * 4))) {}

  /// All pieces together have at most `limit` bytes.
  void add(bytes_view piece) {
    if (block_.size() - used_ < piece.size()) {
      buffer_builder larger{std::min(limit_, std::max(block_.size() * 2, used_ + piece.size()))};
      if (used_ != 0)
        std::memcpy(larger.data(), block_.data(), used_);
      block_ = std::move(larger);
    }
    std::memcpy(block_.data() + used_, piece.data(), piece.size());
    used_ += piece.size();
  }
  buffer take() && { return std::move(block_).freeze(used_); }

private:
  size_t limit_;
  size_t used_ = 0;
  buffer_builder block_;
};

} // namespace chisme::log
