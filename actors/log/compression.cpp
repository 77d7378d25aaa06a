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

namespace chisme::log {

namespace {

constexpr int gzip_window = 15 + 16; // zlib's way to say: gzip header and trailer
constexpr size_t xerial_block = 32 * 1024;

tl::unexpected<error> compressor_failed(const char* codec_name) {
  return fail(error_code::unknown_server_error, std::string{codec_name} + ": compression failed");
}

const char* chars(bytes_view bytes) { return reinterpret_cast<const char*>(bytes.data()); }

result<buffer> gzip_compress(bytes_view block, int level) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return compressor_failed("gzip");
  buffer_builder out{deflateBound(&z, block.size())};
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
  z.avail_in = static_cast<uInt>(block.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const auto status = deflate(&z, Z_FINISH);
  const auto made = z.total_out;
  deflateEnd(&z);
  if (status != Z_STREAM_END)
    return compressor_failed("gzip");
  return std::move(out).freeze(made);
}

result<buffer> snappy_compress(bytes_view block) {
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
  }
  return std::move(out).freeze(static_cast<size_t>(to - out.data()));
}

/// Kafka's default level stands for the fast compressor, every other for the thorough one, whose levels end at 12.
int lz4_frame_level(int level) {
  return level == compression_levels::lz4_default ? 0 : std::clamp(level, LZ4HC_CLEVEL_MIN, LZ4HC_CLEVEL_MAX);
}

result<buffer> lz4_compress(bytes_view block, int level) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.compressionLevel = lz4_frame_level(level);
  buffer_builder out{LZ4F_compressFrameBound(block.size(), &preferences)};
  const auto made = LZ4F_compressFrame(out.data(), out.size(), block.data(), block.size(), &preferences);
  if (LZ4F_isError(made))
    return compressor_failed("lz4");
  return std::move(out).freeze(made);
}

result<buffer> zstd_compress(bytes_view block, int level) {
  buffer_builder out{ZSTD_compressBound(block.size())};
  const auto made = ZSTD_compress(out.data(), out.size(), block.data(), block.size(), level);
  if (ZSTD_isError(made))
    return compressor_failed("zstd");
  return std::move(out).freeze(made);
}

} // namespace

result<buffer> compress(codec c, bytes_view block, const compression_levels& levels) {
  switch (c) {
    case codec::none:
      return buffer::copy_of(block);
    case codec::gzip:
      return gzip_compress(block, levels.gzip);
    case codec::snappy:
      return snappy_compress(block);
    case codec::lz4:
      return lz4_compress(block, levels.lz4);
    case codec::zstd:
      return zstd_compress(block, levels.zstd);
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
