#include "actors/log/decompressor.hpp"

#include "actors/log/block_decoder.hpp"

#include <array>
#include <string>

namespace chisme::log {

namespace {

/// A usual lz4 block fits, and is decompressed into it without a detour.
constexpr size_t window_size = 64 * 1024;

} // namespace

/// What is costly to make anew for each block.
struct decompressor::workplace {
  std::unique_ptr<std::byte[]> window = std::make_unique_for_overwrite<std::byte[]>(window_size);
  std::array<std::unique_ptr<block_decoder>, 5> decoders; // by codec

  block_decoder* decoder(codec c) {
    const auto i = static_cast<size_t>(c);
    if (i >= decoders.size())
      return nullptr;
    if (!decoders[i])
      decoders[i] = make_block_decoder(c);
    return decoders[i].get();
  }

  /// The one that this thread keeps; null while it is in use.
  static std::unique_ptr<workplace>& spare() {
    static thread_local std::unique_ptr<workplace> kept;
    return kept;
  }
};

decompressor::decompressor(codec c, bytes_view block, size_t limit)
  : at_(std::move(workplace::spare())), codec_(c), block_(block), limit_(limit) {
  if (!at_)
    at_ = std::make_unique<workplace>();
}

decompressor::~decompressor() {
  if (auto* d = at_->decoder(codec_))
    d->trim();
  workplace::spare() = std::move(at_);
}

result<bytes_view> decompressor::next() {
  auto* decoder = at_->decoder(codec_);
  if (!decoder)
    return fail(error_code::unsupported_compression_type, "no such codec");
  if (!std::exchange(begun_, true))
    if (auto ok = decoder->begin(block_); !ok)
      return tl::make_unexpected(ok.error());
  auto piece = decoder->next({at_->window.get(), window_size}, limit_ - made_);
  const bool too_large =
    piece ? piece->size() > limit_ - made_ : piece.error().code == error_code::record_list_too_large;
  if (too_large)
    return fail(error_code::record_list_too_large,
                "the batch decompresses to more than " + std::to_string(limit_) + " bytes");
  if (piece)
    made_ += piece->size();
  return piece;
}

} // namespace chisme::log
