// Decompression of anything: an error or at most the bound. What decompresses, compresses and comes back.
#include "actors/log/compression.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chisme;
  if (size == 0)
    return 0;
  constexpr size_t limit = 1u << 20;
  const auto c = static_cast<log::codec>(data[0] % 5);
  const bytes_view block{reinterpret_cast<const std::byte*>(data + 1), size - 1};
  auto out = log::decompress(c, block, limit);
  if (!out)
    return 0;
  if (out->size() > limit)
    std::abort();
  auto packed = log::compress(c, *out);
  if (!packed)
    std::abort();
  auto back = log::decompress(c, *packed, out->size() + 1);
  if (!back || !(*back == *out))
    std::abort();
  return 0;
}
