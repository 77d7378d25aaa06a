#include "actors/log/block_decoder.hpp"

#include "actors/log/big_endian.hpp"

#include <algorithm>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <snappy.h>
#include <string>
#include <zstd.h>

namespace chisme::log {

namespace {

tl::unexpected<error> corrupt(const char* what) {
  return fail(error_code::corrupt_message, std::string{"the compressed block is damaged: "} + what);
}

tl::unexpected<error> no_memory(const char* codec_name) {
  return fail(error_code::unknown_server_error, std::string{codec_name} + ": no memory");
}

/// The block is its own output.
class plain_decoder final : public block_decoder {
public:
  result<void> begin(bytes_view block) override {
    block_ = block;
    return {};
  }
  result<bytes_view> next(std::span<std::byte>, size_t) override { return std::exchange(block_, {}); }
  void trim() override {}

private:
  bytes_view block_;
};

/// One gzip member or several, as Java reads them. The library has a window of its own of 64 KiB.
class gzip_decoder final : public block_decoder {
public:
  result<void> begin(bytes_view block) override {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(block.data()));
    state_.avail_in = static_cast<uint32_t>(block.size());
    return {};
  }

  result<bytes_view> next(std::span<std::byte> window, size_t) override {
    for (;;) {
      if (state_.block_state == ISAL_BLOCK_FINISH) {
        if (state_.avail_in == 0)
          return bytes_view{};
        if (!next_member())
          return corrupt("bytes behind the gzip member");
      }
      state_.next_out = reinterpret_cast<uint8_t*>(window.data());
      state_.avail_out = static_cast<uint32_t>(window.size());
      const auto status = isal_inflate(&state_);
      const auto made = window.size() - state_.avail_out;
      if (status != ISAL_DECOMP_OK)
        return corrupt("gzip");
      if (made > 0)
        return bytes_view{window.first(made)};
      if (state_.block_state != ISAL_BLOCK_FINISH)
        return corrupt("the gzip member ends too early");
    }
  }
  void trim() override {}

private:
  bool next_member() {
    if (state_.avail_in < 2 || state_.next_in[0] != 0x1f || state_.next_in[1] != 0x8b)
      return false;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP;
    return true;
  }

  inflate_state state_;
};

/// One raw block, or several in xerial's framing (also such streams one behind the other, as Java reads them).
/// A snappy block refers back to any of its bytes, so each is decompressed as a whole: usual are 32 KiB, and a client
/// that sends one raw block (librdkafka) makes it as large as its batch.
class snappy_decoder final : public block_decoder {
public:
  result<void> begin(bytes_view block) override {
    rest_ = block;
    framed_ = starts_with_header(xerial_magic_size);
    if (framed_)
      rest_ = rest_.subspan(xerial_header.size());
    done_ = false;
    return {};
  }

  result<bytes_view> next(std::span<std::byte> window, size_t most) override {
    if (done_)
      return bytes_view{};
    if (!framed_) {
      done_ = true;
      return decode(std::exchange(rest_, {}), window, most);
    }
    while (!rest_.empty()) {
      if (starts_with_header(xerial_header.size())) {
        rest_ = rest_.subspan(xerial_header.size());
        continue;
      }
      if (rest_.size() < sizeof(int32_t))
        return corrupt("the snappy frame ends too early");
      const auto length = load_be<int32_t>(rest_.data());
      rest_ = rest_.subspan(sizeof(int32_t));
      if (length < 0 || static_cast<size_t>(length) > rest_.size())
        return corrupt("the snappy frame ends too early");
      const auto block = rest_.first(static_cast<size_t>(length));
      rest_ = rest_.subspan(static_cast<size_t>(length));
      auto out = decode(block, window, most);
      if (!out || !out->empty())
        return out;
    }
    return bytes_view{};
  }

  void trim() override {
    if (own_size_ > most_kept) {
      own_.reset();
      own_size_ = 0;
    }
  }

private:
  static constexpr size_t xerial_magic_size = 8;
  /// A batch as clients make it by default fits.
  static constexpr size_t most_kept = 2u << 20;
  /// Snappy's best ratio is 64 bytes from a copy of 3, so this is generous.
  static constexpr size_t best_ratio = 64;

  bool starts_with_header(size_t length) const {
    return rest_.size() >= xerial_header.size() && std::memcmp(rest_.data(), xerial_header.data(), length) == 0;
  }

  /// The length that a block claims is believed only as far as its own size can produce it.
  result<bytes_view> decode(bytes_view block, std::span<std::byte> window, size_t most) {
    const auto* from = reinterpret_cast<const char*>(block.data());
    size_t length = 0;
    if (!snappy::GetUncompressedLength(from, block.size(), &length) || length > block.size() * best_ratio)
      return corrupt("snappy");
    if (length > most)
      return fail(error_code::record_list_too_large, "a snappy block of " + std::to_string(length) + " bytes");
    auto* to = length <= window.size() ? window.data() : memory(length);
    if (!snappy::RawUncompress(from, block.size(), reinterpret_cast<char*>(to)))
      return corrupt("snappy");
    return bytes_view{to, length};
  }

  std::byte* memory(size_t size) {
    if (own_size_ < size) {
      own_ = std::make_unique_for_overwrite<std::byte[]>(size);
      own_size_ = size;
    }
    return own_.get();
  }

  bytes_view rest_;
  bool framed_ = false;
  bool done_ = true;
  std::unique_ptr<std::byte[]> own_;
  size_t own_size_ = 0;
};

/// Exactly one frame. Java ignores what is behind its end, other readers take it for more records: none is allowed.
class lz4_decoder final : public block_decoder {
public:
  result<void> begin(bytes_view block) override {
    if (!context_) {
      LZ4F_dctx* made = nullptr;
      if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)))
        return no_memory("lz4");
      context_.reset(made);
    }
    LZ4F_resetDecompressionContext(context_.get());
    rest_ = block;
    ended_ = false;
    // What the frame says of its blocks decides how much memory the library takes and keeps: bits 4 to 6 of byte 5.
    large_ |= block.size() > 5 && (static_cast<uint8_t>(block[5]) >> 4 & 7) > LZ4F_max256KB;
    return {};
  }

  result<bytes_view> next(std::span<std::byte> window, size_t) override {
    while (!ended_) {
      auto made = window.size();
      auto eaten = rest_.size();
      const auto more = LZ4F_decompress(context_.get(), window.data(), &made, rest_.data(), &eaten, nullptr);
      if (LZ4F_isError(more))
        return corrupt("lz4");
      rest_ = rest_.subspan(eaten);
      if (more == 0) {
        ended_ = true;
        if (!rest_.empty())
          return corrupt("bytes behind the lz4 frame");
      }
      if (made > 0)
        return bytes_view{window.first(made)};
      if (more != 0 && eaten == 0)
        return corrupt("the lz4 frame ends too early");
    }
    return bytes_view{};
  }

  void trim() override {
    if (std::exchange(large_, false))
      context_.reset();
  }

private:
  struct deleter {
    void operator()(LZ4F_dctx* c) const { LZ4F_freeDecompressionContext(c); }
  };

  std::unique_ptr<LZ4F_dctx, deleter> context_;
  bytes_view rest_;
  bool ended_ = true;
  bool large_ = false;
};

/// One frame or several.
class zstd_decoder final : public block_decoder {
public:
  result<void> begin(bytes_view block) override {
    if (!context_) {
      context_.reset(ZSTD_createDCtx());
      if (!context_ || ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log_max))) {
        context_.reset();
        return no_memory("zstd");
      }
    }
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    in_ = {block.data(), block.size(), 0};
    ended_ = false;
    return {};
  }

  result<bytes_view> next(std::span<std::byte> window, size_t) override {
    while (!ended_) {
      ZSTD_outBuffer piece{window.data(), window.size(), 0};
      const auto before = in_.pos;
      const auto more = ZSTD_decompressStream(context_.get(), &piece, &in_);
      if (ZSTD_isError(more))
        return corrupt("zstd");
      ended_ = more == 0 && in_.pos == in_.size;
      if (piece.pos > 0)
        return bytes_view{window.first(piece.pos)};
      if (!ended_ && in_.pos == before)
        return corrupt("the zstd frame ends too early");
    }
    return bytes_view{};
  }

  void trim() override {
    if (context_ && ZSTD_sizeof_DCtx(context_.get()) > most_kept)
      context_.reset();
  }

private:
  /// 128 MiB, what the highest level that clients offer declares when it streams. The memory is only reserved: pages
  /// of it are used as output appears, and that has a bound of its own.
  static constexpr int window_log_max = 27;
  /// Holds the window of the default level, 2 MiB.
  static constexpr size_t most_kept = 4u << 20;

  struct deleter {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };

  std::unique_ptr<ZSTD_DCtx, deleter> context_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool ended_ = true;
};

} // namespace

std::unique_ptr<block_decoder> make_block_decoder(codec c) {
  switch (c) {
    case codec::none:
      return std::make_unique<plain_decoder>();
    case codec::gzip:
      return std::make_unique<gzip_decoder>();
    case codec::snappy:
      return std::make_unique<snappy_decoder>();
    case codec::lz4:
      return std::make_unique<lz4_decoder>();
    case codec::zstd:
      return std::make_unique<zstd_decoder>();
  }
  return nullptr;
}

} // namespace chisme::log
