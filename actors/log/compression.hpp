// The codecs of record batches over zlib, snappy, lz4 and zstd.
//
// Decompression into one buffer has a hard bound and grows its memory only as real output appears, so that a small
// block that claims or makes gigabytes costs at most the bound. decompressor.hpp needs no memory for the whole.
#pragma once

#include "actors/log/decompressor.hpp"
#include "config/topic_settings.hpp"

namespace chisme::log {

/// The block as Kafka's Java client would write it: gzip member; snappy in xerial framing; lz4 frame with
/// independent 64 KiB blocks; zstd frame. `none` copies. Fails with unknown_server_error where the library does, and
/// with message_too_large, as soon as that is known, where more than `limit` bytes would come out.
result<buffer> compress(codec c, bytes_view block, const compression_levels& levels = {}, size_t limit = SIZE_MAX);

/// The reverse, of what any client writes: several gzip members or zstd frames, snappy as one raw block. Errors as
/// decompressor::next() has them.
result<buffer> decompress(codec c, bytes_view block, size_t limit = default_decompressed_limit);

} // namespace chisme::log
