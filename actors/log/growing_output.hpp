// Memory for output of unknown size that may not go over a bound.
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"

#include <algorithm>
#include <string>

namespace chisme::log {

/// Doubles as real output fills it, never beyond `limit` bytes: what a decompressor claims costs nothing.
class growing_output {
public:
  /// Starts with four times the input, a usual ratio.
  growing_output(size_t input_size, size_t limit)
    : limit_(limit), block_(std::min(limit, std::max<size_t>(1024, input_size * 4))) {}

  /// Free memory of at least `least` bytes, false where the bound forbids it.
  bool make_room(size_t least = 1) {
    if (block_.size() - used_ >= least)
      return true;
    if (least > limit_ - used_)
      return false;
    buffer_builder larger{std::min(limit_, std::max(block_.size() * 2, used_ + least))};
    if (used_ != 0)
      std::memcpy(larger.data(), block_.data(), used_);
    block_ = std::move(larger);
    return true;
  }
  std::span<std::byte> room() { return block_.span().subspan(used_); }
  void filled(size_t count) { used_ += count; }
  buffer take() && { return std::move(block_).freeze(used_); }

  tl::unexpected<error> too_large() const {
    return fail(error_code::record_list_too_large,
                "the batch decompresses to more than " + std::to_string(limit_) + " bytes");
  }

private:
  size_t limit_;
  size_t used_ = 0;
  buffer_builder block_;
};

} // namespace chisme::log
