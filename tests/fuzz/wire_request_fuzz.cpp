// Any bytes as the body of any request: what decodes must encode to something that decodes to the same.
// The first two bytes choose the API and the version.
#include "messages/kafka/header.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/wire/message_list.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace chisme;
using fuzz::require;

buffer flatten(const payload& p) {
  buffer_builder out{p.size()};
  auto* at = out.data();
  for (const auto& part : p.parts()) {
    const auto& bytes = std::get<buffer>(part);
    at = std::copy_n(bytes.data(), bytes.size(), at);
  }
  return std::move(out).freeze();
}

template <class M>
void round_trip(const buffer& body, int16_t version) {
  const auto first = decode<M>(body, version);
  if (!first)
    return;
  const auto bytes = flatten(encode(*first, version));
  const auto second = decode<M>(bytes, version);
  require(second.has_value());
  require(to_json(*second) == to_json(*first));
  require(flatten(encode(*second, version)) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2)
    return 0;
  fuzz::input in{data, size};
  (void)kafka::decode_request_header(fuzz::exact_copy(fuzz::input{in}.rest()));
  unsigned which = in.byte();
  const auto version = in.byte();
  const auto body = fuzz::exact_copy(in.rest());
  test::each_message([&]<class M>() {
    if (which-- == 0)
      round_trip<M>(body, static_cast<int16_t>(M::min_version + version % (M::max_version - M::min_version + 1)));
  });
  return 0;
}
