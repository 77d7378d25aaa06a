// Bytes that are about to leave or were just found: pieces of memory and pieces of files, in order.
//
// An answer to a Fetch is a few encoded fields with record batches between them; the batches stay in the segment
// file (sendfile) or in the block they arrived in. A payload is the list of such pieces.
#pragma once

#include "messages/buffer.hpp"

#include <variant>
#include <vector>

namespace chisme {

/// A range of an open file, kept open by `owner`. The bytes do not change while anybody may still send them.
struct file_slice {
  std::shared_ptr<const void> owner;
  int fd = -1;
  uint64_t position = 0;
  uint64_t length = 0;
};

using payload_part = std::variant<buffer, file_slice>;

class payload {
public:
  payload() = default;
  payload(buffer b) { append(std::move(b)); } // NOLINT: one piece of memory is a payload

  /// Empty pieces are dropped.
  void append(buffer b) {
    if (b.empty())
      return;
    size_ += b.size();
    parts_.emplace_back(std::move(b));
  }
  void append(file_slice s) {
    if (s.length == 0)
      return;
    size_ += s.length;
    parts_.emplace_back(std::move(s));
  }
  void append(payload other) {
    for (auto& part : other.parts_)
      parts_.push_back(std::move(part));
    size_ += other.size_;
  }

  /// Bytes in all pieces together.
  uint64_t size() const { return size_; }
  bool empty() const { return parts_.empty(); }
  const std::vector<payload_part>& parts() const { return parts_; }
  std::vector<payload_part> take_parts() && { return std::move(parts_); }

private:
  std::vector<payload_part> parts_;
  uint64_t size_ = 0;
};

} // namespace chisme
