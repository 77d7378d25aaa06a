#include "actors/log/compression.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/growing_output.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <lz4frame.h>
#include <lz4hc.h>
#include <memory>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

namespace chisme::log {

namespace {

constexpr int gzip_window = 15 + 16; // zlib's way to say: gzip header and trailer
constexpr size_t xerial_block = 32 * 1024;
constexpr size_t xerial_header_size = 16;
constexpr std::array<uint8_t, xerial_header_size> xerial_header{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                                0,    0,   0,   1,   0,   0,   0,   1};
constexpr size_t xerial_magic_size = 8;

tl::unexpected<error> corrupt(const char* what) {
  return fail(error_code::corrupt_message, std::string{"the compressed block is damaged: "} + what);
}

tl::unexpected<error> compressor_failed(const char* codec_name) {
  return fail(error_code::unknown_server_error, std::string{codec_name} + ": compression failed");
}

const char* chars(bytes_view bytes) { return reinterpret_cast<const char*>(bytes.data()); }
char* chars(std::span<std::byte> bytes) { return reinterpret_cast<char*>(bytes.data()); }

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

/// Ends a zlib stream on every way out.
struct inflater {
  z_stream z{};
  bool ready = inflateInit2(&z, gzip_window) == Z_OK;
  ~inflater() {
    if (ready)
      inflateEnd(&z);
  }
};

result<buffer> gzip_decompress(bytes_view block, size_t limit) {
  inflater in;
  if (!in.ready)
    return fail(error_code::unknown_server_error, "gzip: no memory");
  in.z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block.data()));
  in.z.avail_in = static_cast<uInt>(block.size());
  growing_output out{block.size(), limit};
  for (;;) {
    if (!out.make_room())
      return out.too_large();
    const auto room = static_cast<uInt>(std::min<size_t>(out.room().size(), std::numeric_limits<uInt>::max()));
    in.z.next_out = reinterpret_cast<Bytef*>(out.room().data());
    in.z.avail_out = room;
    const auto status = inflate(&in.z, Z_NO_FLUSH);
    out.filled(room - in.z.avail_out);
    if (status == Z_STREAM_END)
      return in.z.avail_in == 0 ? result<buffer>{std::move(out).take()} : corrupt("bytes behind the gzip member");
    if (status != Z_OK)
      return corrupt("gzip");
    if (in.z.avail_in == 0 && in.z.avail_out != 0)
      return corrupt("the gzip member ends too early");
  }
}

result<buffer> snappy_compress(bytes_view block) {
  const auto blocks = (block.size() + xerial_block - 1) / xerial_block;
  buffer_builder out{xerial_header_size + blocks * (4 + snappy::MaxCompressedLength(xerial_block))};
  std::memcpy(out.data(), xerial_header.data(), xerial_header.size());
  auto* to = out.data() + xerial_header_size;
  for (; !block.empty(); block = block.subspan(std::min(block.size(), xerial_block))) {
    const auto part = block.first(std::min(block.size(), xerial_block));
    size_t made = 0;
    snappy::RawCompress(chars(part), part.size(), reinterpret_cast<char*>(to + 4), &made);
    store_be(to, static_cast<int32_t>(made));
    to += 4 + made;
  }
  return std::move(out).freeze(static_cast<size_t>(to - out.data()));
}

/// One raw snappy block behind what is already in `out`. The length that a block claims is believed only as far
/// as its own size can produce it: snappy's best ratio is 64 bytes from a copy of 3, so 64 is generous.
result<void> snappy_block(bytes_view block, growing_output& out) {
  size_t length = 0;
  if (!snappy::GetUncompressedLength(chars(block), block.size(), &length) || length > block.size() * 64)
    return corrupt("snappy");
  if (!out.make_room(length))
    return out.too_large();
  if (!snappy::RawUncompress(chars(block), block.size(), chars(out.room())))
    return corrupt("snappy");
  out.filled(length);
  return {};
}

result<buffer> snappy_decompress(bytes_view block, size_t limit) {
  growing_output out{block.size(), limit};
  const bool framed = block.size() >= xerial_header_size &&
                      std::memcmp(block.data(), xerial_header.data(), xerial_magic_size) == 0;
  if (!framed) {
    if (auto ok = snappy_block(block, out); !ok)
      return tl::make_unexpected(ok.error());
    return std::move(out).take();
  }
  block = block.subspan(xerial_header_size);
  while (!block.empty()) {
    if (block.size() < 4)
      return corrupt("the snappy frame ends too early");
    const auto length = load_be<int32_t>(block.data());
    block = block.subspan(4);
    if (length < 0 || static_cast<size_t>(length) > block.size())
      return corrupt("the snappy frame ends too early");
    if (auto ok = snappy_block(block.first(static_cast<size_t>(length)), out); !ok)
      return tl::make_unexpected(ok.error());
    block = block.subspan(static_cast<size_t>(length));
  }
  return std::move(out).take();
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

struct lz4_context_deleter {
  void operator()(LZ4F_dctx* c) const { LZ4F_freeDecompressionContext(c); }
};

result<buffer> lz4_decompress(bytes_view block, size_t limit) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)))
    return fail(error_code::unknown_server_error, "lz4: no memory");
  std::unique_ptr<LZ4F_dctx, lz4_context_deleter> context{raw};
  growing_output out{block.size(), limit};
  for (;;) {
    if (!out.make_room())
      return out.too_large();
    auto made = out.room().size();
    auto eaten = block.size();
    const auto more = LZ4F_decompress(context.get(), out.room().data(), &made, block.data(), &eaten, nullptr);
    if (LZ4F_isError(more))
      return corrupt("lz4");
    out.filled(made);
    block = block.subspan(eaten);
    if (more == 0)
      return block.empty() ? result<buffer>{std::move(out).take()} : corrupt("bytes behind the lz4 frame");
    if (eaten == 0 && made == 0)
      return corrupt("the lz4 frame ends too early");
  }
}

result<buffer> zstd_compress(bytes_view block, int level) {
  buffer_builder out{ZSTD_compressBound(block.size())};
  const auto made = ZSTD_compress(out.data(), out.size(), block.data(), block.size(), level);
  if (ZSTD_isError(made))
    return compressor_failed("zstd");
  return std::move(out).freeze(made);
}

struct zstd_context_deleter {
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

/// 128 MiB, what the highest level that clients offer declares when it streams. The memory is only reserved: pages
/// of it are used as output appears, and that has a bound of its own.
constexpr int zstd_window_log_max = 27;

result<buffer> zstd_decompress(bytes_view block, size_t limit) {
  std::unique_ptr<ZSTD_DCtx, zstd_context_deleter> context{ZSTD_createDCtx()};
  if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, zstd_window_log_max)))
    return fail(error_code::unknown_server_error, "zstd: no memory");
  ZSTD_inBuffer in{block.data(), block.size(), 0};
  growing_output out{block.size(), limit};
  for (;;) {
    if (!out.make_room())
      return out.too_large();
    ZSTD_outBuffer piece{out.room().data(), out.room().size(), 0};
    const auto before = in.pos;
    const auto more = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(more))
      return corrupt("zstd");
    out.filled(piece.pos);
    if (more == 0 && in.pos == in.size)
      return std::move(out).take();
    if (in.pos == before && piece.pos == 0)
      return corrupt("the zstd frame ends too early");
  }
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
  switch (c) {
    case codec::none:
      return block.size() > limit ? result<buffer>{growing_output{0, limit}.too_large()} : buffer::copy_of(block);
    case codec::gzip:
      return gzip_decompress(block, limit);
    case codec::snappy:
      return snappy_decompress(block, limit);
    case codec::lz4:
      return lz4_decompress(block, limit);
    case codec::zstd:
      return zstd_decompress(block, limit);
  }
  return fail(error_code::unsupported_compression_type, "no such codec");
}

} // namespace chisme::log
