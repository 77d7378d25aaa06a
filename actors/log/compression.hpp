// The codecs of record batches over zlib, snappy, lz4 and zstd.
//
// Decompression has a hard bound and grows its memory only as real output appears, so that a small block that
// claims or makes gigabytes costs at most the bound.
#pragma once

#include "actors/log/record_batch.hpp"
#include "config/topic_settings.hpp"

namespace chisme::log {

/// Enough for any batch that honest clients make of max.message.bytes = 1 MiB, and no threat to memory.
inline constexpr size_t default_decompressed_limit = 64u << 20;

/// The block as Kafka's Java client would write it: gzip member; snappy in xerial framing; lz4 frame with
/// independent 64 KiB blocks; zstd frame. `none` copies. Fails with unknown_server_error where the library does.
result<buffer> compress(codec c, bytes_view block, const compression_levels& levels = {});

/// The reverse; snappy may also be one raw block. Fails with corrupt_message where the bytes are not what the
/// codec says, and with record_list_too_large where more than `limit` bytes would come out.
result<buffer> decompress(codec c, bytes_view block, size_t limit = default_decompressed_limit);

} // namespace chisme::log
