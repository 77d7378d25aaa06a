#include "actors/log/compression.hpp"

#include <gtest/gtest.h>

#include <random>
#include <snappy.h>

namespace chisme::log {
namespace {

constexpr codec all_codecs[] = {codec::none, codec::gzip, codec::snappy, codec::lz4, codec::zstd};
constexpr codec real_codecs[] = {codec::gzip, codec::snappy, codec::lz4, codec::zstd};

std::string text_of(size_t size) {
  std::mt19937 random{7};
  std::string out;
  while (out.size() < size)
    out += "word" + std::to_string(random() % 100) + " ";
  out.resize(size);
  return out;
}

TEST(compression_test, every_codec_gives_back_what_it_got) {
  for (auto c : all_codecs)
    for (size_t size : {0u, 1u, 1000u, 32768u, 32769u, 300000u}) {
      const auto text = text_of(size);
      auto packed = compress(c, as_bytes(text));
      ASSERT_TRUE(packed) << to_string(c);
      auto back = decompress(c, *packed);
      ASSERT_TRUE(back) << to_string(c) << " " << size << ": " << back.error().message;
      EXPECT_EQ(as_chars(*back), text) << to_string(c);
    }
}

/// The least and the most effort, and what it costs in bytes.
TEST(compression_test, a_level_reaches_the_library) {
  const auto text = text_of(300'000);
  const auto size = [&](codec c, compression_levels levels) {
    const auto packed = compress(c, as_bytes(text), levels).value();
    EXPECT_EQ(as_chars(*decompress(c, packed)), text) << to_string(c);
    return packed.size();
  };
  EXPECT_GT(size(codec::gzip, {.gzip = 1}), size(codec::gzip, {.gzip = 9}));
  EXPECT_EQ(size(codec::gzip, {.gzip = -1}), size(codec::gzip, {.gzip = 6})) << "zlib's own choice";
  EXPECT_GT(size(codec::lz4, {.lz4 = 3}), size(codec::lz4, {.lz4 = 12}));
  EXPECT_EQ(size(codec::lz4, {.lz4 = 1}), size(codec::lz4, {.lz4 = 3}));
  EXPECT_EQ(size(codec::lz4, {.lz4 = 17}), size(codec::lz4, {.lz4 = 12}));
  EXPECT_GT(size(codec::lz4, {}), size(codec::lz4, {.lz4 = 8})) << "9 is the fast one";
  EXPECT_GT(size(codec::zstd, {.zstd = -131072}), size(codec::zstd, {.zstd = 1}));
  EXPECT_GT(size(codec::zstd, {.zstd = 1}), size(codec::zstd, {.zstd = 22}));
  EXPECT_EQ(size(codec::zstd, {}), size(codec::zstd, {.zstd = 3}));
}

TEST(compression_test, snappy_may_be_one_raw_block) {
  const auto text = text_of(5000);
  std::string raw;
  snappy::Compress(text.data(), text.size(), &raw);
  EXPECT_EQ(as_chars(*decompress(codec::snappy, as_bytes(raw))), text);
}

TEST(compression_test, output_over_the_limit_is_an_error) {
  const std::string zeros(1 << 20, '\0');
  for (auto c : real_codecs) {
    const auto packed = compress(c, as_bytes(zeros)).value();
    EXPECT_EQ(decompress(c, packed, zeros.size() - 1).error().code, error_code::record_list_too_large) << to_string(c);
    EXPECT_TRUE(decompress(c, packed, zeros.size() + 1)) << to_string(c);
  }
}

TEST(compression_test, truncated_and_damaged_blocks_are_errors_or_other_bytes_but_never_harm) {
  const auto text = text_of(2000);
  for (auto c : real_codecs) {
    const auto packed = compress(c, as_bytes(text)).value();
    for (size_t n = 1; n < packed.size(); n += 7)
      EXPECT_NE(decompress(c, packed.slice(0, n)).value_or(buffer{}), buffer::copy_of(text)) << to_string(c);
    for (size_t i = 0; i < packed.size(); i += 3) {
      std::string damaged{as_chars(packed)};
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      EXPECT_LE(decompress(c, as_bytes(damaged)).value_or(buffer{}).size(), default_decompressed_limit);
    }
  }
}

} // namespace
} // namespace chisme::log
