// Decompression of anything: an error or at most the bound. What decompresses, compresses and comes back.
#include "actors/log/compression.hpp"
#include "tests/fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chisme;
  if (size == 0)
    return 0;
  constexpr size_t limit = 1u << 20;
  fuzz::input in{data, size};
  const auto c = static_cast<log::codec>(in.byte() % 5);
  auto out = log::decompress(c, as_bytes(in.rest()), limit);
  if (!out)
    return 0;
  fuzz::require(out->size() <= limit);
  auto packed = log::compress(c, *out);
  fuzz::require(packed.has_value());
  auto back = log::decompress(c, *packed, out->size() + 1);
  fuzz::require(back && *back == *out);
  return 0;
}
