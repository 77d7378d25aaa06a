// Decompression in pieces: whoever reads only once through a block needs no memory for all of it.
//
// A thread keeps one window of 64 KiB and the codecs' own memory for the next block: at most some 7 MiB where all four
// are in use with their largest usual settings. Blocks that need more get it and give it back.
#pragma once

#include "actors/log/record_batch.hpp"

#include <memory>

namespace chisme::log {

/// No batch in a log is larger: one that would be is refused when it is appended (batch_validator.hpp).
inline constexpr size_t default_decompressed_limit = 64u << 20;

/// Reads one compressed block (the body of a batch) from its beginning to its end.
class decompressor {
public:
  /// `block` must outlive it. At most `limit` bytes come out.
  decompressor(codec c, bytes_view block, size_t limit = default_decompressed_limit);
  ~decompressor();
  decompressor(const decompressor&) = delete;
  decompressor& operator=(const decompressor&) = delete;

  /// The next piece, valid until the next call; empty at the end of the block, which is only known to be whole then.
  /// Errors: corrupt_message where the bytes are not what the codec says; record_list_too_large where more than
  /// `limit` bytes would come out; unsupported_compression_type; unknown_server_error without memory.
  result<bytes_view> next();

  /// Bytes that have come out so far.
  size_t made() const { return made_; }

private:
  struct workplace;

  std::unique_ptr<workplace> at_;
  codec codec_;
  bytes_view block_;
  bool begun_ = false;
  size_t limit_;
  size_t made_ = 0;
};

} // namespace chisme::log
