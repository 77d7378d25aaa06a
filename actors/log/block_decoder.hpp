// The codecs' own ways to decompress a block piece by piece. decompressor.hpp is what others use.
#pragma once

#include "actors/log/record_batch.hpp"

#include <memory>
#include <span>

namespace chisme::log {

/// Reusable: begin() starts with a new block whatever became of the last one. Nothing is allocated for a usual block
/// once the first one has been read.
class block_decoder {
public:
  virtual ~block_decoder() = default;

  /// Starts with a new block, which must outlive its reading. Fails where memory does.
  virtual result<void> begin(bytes_view block) = 0;
  /// The next bytes of output, in `window` or in the decoder's own memory, valid until the next call; empty once the
  /// block has come to its proper end. corrupt_message where it has none, record_list_too_large where a piece is
  /// larger than `most` bytes and would need memory for all of them.
  virtual result<bytes_view> next(std::span<std::byte> window, size_t most) = 0;
  /// Gives back memory that only unusual blocks need.
  virtual void trim() = 0;
};

/// Null where there is no such codec.
std::unique_ptr<block_decoder> make_block_decoder(codec c);

/// xerial's framing of snappy blocks, which Java's library writes and most clients with it:
/// header:16 (length:4 block)*
inline constexpr std::array<uint8_t, 16> xerial_header{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};

} // namespace chisme::log
