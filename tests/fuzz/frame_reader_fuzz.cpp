// Any bytes in any pieces: the frames are those that a plain reading of the sizes finds, and a size beyond the limit
// is refused. Each byte of the first half of the input cuts a piece of the second half.
#include "actors/session/frame_reader.hpp"
#include "tests/fuzz/input.hpp"

#include <string>
#include <vector>

namespace {

using namespace chisme;
using fuzz::require;

constexpr size_t limit = 200'000;

/// Sizes are taken modulo twice the limit, so that whole frames, also large ones, come up; the rest is filled in.
std::string stream_of(fuzz::input in) {
  std::string stream;
  while (in.size() >= 3 && stream.size() <= 4 * limit) {
    const auto chosen = in.number(3);
    const auto length = chosen % (limit + limit / 8);
    for (int shift : {24, 16, 8, 0})
      stream += static_cast<char>(length >> shift);
    stream.append(length, static_cast<char>(chosen));
  }
  return stream.append(in.take(3));
}

size_t size_at(std::string_view stream) {
  return fuzz::input{reinterpret_cast<const uint8_t*>(stream.data()), stream.size()}.number(4);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto half = size / 2;
  const auto stream = stream_of({data + half, size - half});
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
