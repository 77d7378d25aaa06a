// Any bytes in any pieces: the frames are those that a plain reading of the sizes finds, and a size beyond the limit
// is refused. Each byte of the first half of the input cuts a piece of the second half.
#include "actors/session/frame_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace chisme;

constexpr size_t limit = 200'000;

void require(bool held) {
  if (!held)
    std::abort();
}

/// Sizes are taken modulo twice the limit, so that whole frames, also large ones, come up; the rest is filled in.
std::string stream_of(const uint8_t* data, size_t size) {
  std::string stream;
  for (; size >= 3; data += 3, size -= 3) {
    const auto length = (data[0] << 16 | data[1] << 8 | data[2]) % (limit + limit / 8);
    for (int shift : {24, 16, 8, 0})
      stream += static_cast<char>(length >> shift);
    stream.append(length, static_cast<char>(data[2]));
    if (stream.size() > 4 * limit)
      break;
  }
  return stream + std::string(reinterpret_cast<const char*>(data), std::min<size_t>(size, 3));
}

size_t size_at(std::string_view stream) {
  size_t n = 0;
  for (size_t i = 0; i < 4; ++i)
    n = n << 8 | static_cast<uint8_t>(stream[i]);
  return n;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto half = size / 2;
  const auto stream = stream_of(data + half, size - half);
  session::frame_reader reader{limit};
  std::vector<buffer> frames;
  bool refused = false;
  std::string_view left = stream;
  for (size_t i = 0; !left.empty() && !refused; ++i) {
    auto into = reader.prepare();
    require(!into.empty());
    const size_t wish = half == 0 ? stream.size() : 1 + size_t{data[i % half]} * data[i % half];
    const auto n = std::min({into.size(), left.size(), wish});
    std::memcpy(into.data(), left.data(), n);
    left.remove_prefix(n);
    reader.commit(n);
    for (;;) {
      auto frame = reader.next();
      refused = !frame;
      if (refused || !*frame)
        break;
      frames.push_back(std::move(**frame));
    }
    if (i % 5 == 4)
      reader.release();
  }
  std::string_view rest = stream;
  for (const auto& frame : frames) {
    require(rest.size() >= 4 && size_at(rest) == frame.size() && rest.size() - 4 >= frame.size());
    require(as_chars(frame) == rest.substr(4, frame.size()));
    rest.remove_prefix(4 + frame.size());
  }
  const bool bad = rest.size() >= 4 && size_at(rest) > limit;
  require(refused == bad);
  require(bad || rest.size() < 4 || size_at(rest) > rest.size() - 4);
  return 0;
}
