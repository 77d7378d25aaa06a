#include "actors/log/compression.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/block_decoder.hpp"
#include "actors/log/growing_output.hpp"

#include <algorithm>
#include <lz4frame.h>
#include <lz4hc.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace chisme::log {

namespace {

constexpr int gzip_window = 15 + 16; // zlib's way to say: gzip header and trailer
constexpr size_t xerial_block = 32 * 1024;
constexpr size_t lz4_block = 64 * 1024;

tl::unexpected<error> compressor_failed(const char* codec_name) {
  return fail(error_code::unknown_server_error, std::string{codec_name} + ": compression failed");
}

tl::unexpected<error> too_large(size_t limit) {
  return fail(error_code::message_too_large, "more than " + std::to_string(limit) + " bytes come out");
}

/// A library may want a little more room than it fills.
constexpr size_t slack = 64 * 1024;

/// Where the output may have `bound` bytes, and more than `limit` are too many.
size_t room_for(size_t bound, size_t limit) { return limit < bound - std::min(bound, slack) ? limit + slack : bound; }

const char* chars(bytes_view bytes) { return reinterpret_cast<const char*>(bytes.data()); }

result<buffer> gzip_compress(bytes_view block, int level, size_t limit) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return compressor_failed("gzip");
  buffer_builder out{room_for(deflateBound(&z, block.size()), limit)};
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
  z.avail_in = static_cast<uInt>(block.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const auto status = deflate(&z, Z_FINISH);
  const auto made = z.total_out;
  deflateEnd(&z);
  if (status == Z_OK)
    return too_large(limit); // no room is left
  if (status != Z_STREAM_END)
    return compressor_failed("gzip");
  return std::move(out).freeze(made);
}

result<buffer> snappy_compress(bytes_view block, size_t limit) {
  const auto blocks = (block.size() + xerial_block - 1) / xerial_block;
  buffer_builder out{xerial_header.size() + blocks * (4 + snappy::MaxCompressedLength(xerial_block))};
  std::memcpy(out.data(), xerial_header.data(), xerial_header.size());
  auto* to = out.data() + xerial_header.size();
  for (; !block.empty(); block = block.subspan(std::min(block.size(), xerial_block))) {
    const auto part = block.first(std::min(block.size(), xerial_block));
    size_t made = 0;
    snappy::RawCompress(chars(part), part.size(), reinterpret_cast<char*>(to + 4), &made);
    store_be(to, static_cast<int32_t>(made));
    to += 4 + made;
    if (static_cast<size_t>(to - out.data()) > limit)
      return too_large(limit);
  }
  return std::move(out).freeze(static_cast<size_t>(to - out.data()));
}

/// Kafka's default level stands for the fast compressor, every other for the thorough one, whose levels end at 12.
int lz4_frame_level(int level) {
  return level == compression_levels::lz4_default ? 0 : std::clamp(level, LZ4HC_CLEVEL_MIN, LZ4HC_CLEVEL_MAX);
}

struct lz4_context {
  lz4_context() {
    if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)))
      context = nullptr;
  }
  lz4_context(const lz4_context&) = delete;
  lz4_context& operator=(const lz4_context&) = delete;
  ~lz4_context() { LZ4F_freeCompressionContext(context); }

  LZ4F_cctx* context = nullptr;
};

/// Block by block, so that it can stop.
result<buffer> lz4_compress(bytes_view block, int level, size_t limit) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.compressionLevel = lz4_frame_level(level);
  preferences.autoFlush = 1;
  const lz4_context lz4;
  if (!lz4.context)
    return compressor_failed("lz4");
  // Memory that is not written to costs nothing.
  buffer_builder out{LZ4F_compressFrameBound(block.size(), &preferences)};
  auto made = LZ4F_compressBegin(lz4.context, out.data(), out.size(), &preferences);
  for (size_t used = 0; !LZ4F_isError(made);) {
    used += made;
    if (used > limit)
      return too_large(limit);
    if (block.empty()) {
      made = LZ4F_compressEnd(lz4.context, out.data() + used, out.size() - used, nullptr);
      return LZ4F_isError(made) ? result<buffer>{compressor_failed("lz4")} : std::move(out).freeze(used + made);
    }
    const auto part = block.first(std::min(block.size(), lz4_block));
    block = block.subspan(part.size());
    made = LZ4F_compressUpdate(lz4.context, out.data() + used, out.size() - used, part.data(), part.size(), nullptr);
  }
  return compressor_failed("lz4");
}

result<buffer> zstd_compress(bytes_view block, int level, size_t limit) {
  buffer_builder out{room_for(ZSTD_compressBound(block.size()), limit)};
  const auto made = ZSTD_compress(out.data(), out.size(), block.data(), block.size(), level);
  if (ZSTD_getErrorCode(made) == ZSTD_error_dstSize_tooSmall)
    return too_large(limit);
  if (ZSTD_isError(made))
    return compressor_failed("zstd");
  return std::move(out).freeze(made);
}

} // namespace

result<buffer> compress(codec c, bytes_view block, const compression_levels& levels, size_t limit) {
  switch (c) {
    case codec::none:
      return block.size() > limit ? result<buffer>{too_large(limit)} : buffer::copy_of(block);
    case codec::gzip:
      return gzip_compress(block, levels.gzip, limit);
    case codec::snappy:
      return snappy_compress(block, limit);
    case codec::lz4:
      return lz4_compress(block, levels.lz4, limit);
    case codec::zstd:
      return zstd_compress(block, levels.zstd, limit);
  }
  return fail(error_code::unsupported_compression_type, "no such codec");
}

result<buffer> decompress(codec c, bytes_view block, size_t limit) {
  decompressor pieces{c, block, limit};
  growing_output out{block.size(), limit};
  for (;;) {
    auto piece = pieces.next();
    if (!piece)
      return tl::make_unexpected(piece.error());
    if (piece->empty())
      return std::move(out).take();
    out.add(*piece);
  }
}

} // namespace chisme::log
