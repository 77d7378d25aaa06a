// Any bytes as what comes on a connection between nodes, in any pieces: what decodes encodes to a frame that decodes to
// the same. The first byte is the version that was agreed upon, the next how the rest is cut.
#include "actors/session/frame_reader.hpp"
#include "messages/peer/peer_message.hpp"
#include "tests/fuzz/input.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace chisme;
using fuzz::require;

constexpr size_t limit = 100'000;

buffer flatten(const payload& p) {
  buffer_builder out{p.size()};
  auto* at = out.data();
  for (const auto& part : p.parts()) {
    const auto& bytes = std::get<buffer>(part);
    at = std::copy_n(bytes.data(), bytes.size(), at);
  }
  return std::move(out).freeze();
}

void round_trip(const buffer& frame, int16_t agreed) {
  const auto first = peer::decode_frame(frame, agreed);
  if (!first) {
    require(first.error().code == error_code::unsupported_version || first.error().code == error_code::invalid_request);
    return;
  }
  const auto bytes = flatten(peer::encode_frame(*first, agreed)).slice(peer::size_prefix);
  const auto second = peer::decode_frame(bytes, agreed);
  require(second.has_value());
  require(peer::to_json(*second) == peer::to_json(*first));
  require(flatten(peer::encode_frame(*second, agreed)).slice(peer::size_prefix) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  const auto agreed = static_cast<int16_t>(in.byte() % 3);
  const size_t piece = 1 + in.byte();
  round_trip(fuzz::exact_copy(fuzz::input{in}.rest()), agreed);
  session::frame_reader reader{limit};
  while (!in.empty()) {
    const auto into = reader.prepare();
    const auto bytes = in.take(std::min(piece, into.size()));
    std::ranges::copy(as_bytes(bytes), into.begin());
    reader.commit(bytes.size());
    for (;;) {
      const auto frame = reader.next();
      if (!frame)
        return 0;
      if (!*frame)
        break;
      round_trip(**frame, agreed);
    }
  }
  return 0;
}
