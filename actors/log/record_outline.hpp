// Reading through records without keeping their keys and values.
#pragma once

#include "actors/log/decompressor.hpp"

#include <optional>

namespace chisme::log {

/// What the header of a batch sums up, of one record. Deltas are relative to the batch's base offset and timestamp.
struct record_outline {
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  bool has_key = false;
};

/// Walks over the records of a block as it is decompressed. Every length is checked, headers included, as
/// record_reader does; memory is what the decompressor has.
class record_outline_reader {
public:
  /// `block` must outlive the reader, and nobody else reads from it.
  explicit record_outline_reader(decompressor& block) : block_(&block) {}

  /// nullopt at the end, at a malformed record (failed() is true) or where the block is damaged (problem()).
  std::optional<record_outline> next();
  /// Whether the block has come to its proper end and nothing is left of it.
  bool at_end();
  bool failed() const { return failed_; }
  /// What the decompressor had to say.
  const std::optional<error>& problem() const { return problem_; }

private:
  bool refill();
  bool read_byte(std::byte& value);
  template <class T>
  bool read_number(T& value);
  bool skip(int64_t count);
  /// A length and that many bytes, which must lie before `end`; -1 is null.
  bool skip_bytes(int64_t end, int32_t& length);
  bool skip_headers(int64_t end);
  bool read(record_outline& out);
  int64_t position() const { return passed_ + (at_ - begin_); }

  decompressor* block_;
  const std::byte* begin_ = nullptr;
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  int64_t passed_ = 0; ///< bytes of the block before the piece at hand
  bool failed_ = false;
  std::optional<error> problem_;
};

} // namespace chisme::log
