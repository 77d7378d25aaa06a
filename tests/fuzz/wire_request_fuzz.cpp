// Any bytes as the body of any request: what decodes must encode to something that decodes to the same.
// The first two bytes choose the API and the version.
#include "messages/kafka/header.hpp"
#include "tests/wire/message_list.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace {

using namespace chisme;

buffer flatten(const payload& p) {
  buffer_builder out{p.size()};
  auto* at = out.data();
  for (const auto& part : p.parts()) {
    const auto& bytes = std::get<buffer>(part);
    at = std::copy_n(bytes.data(), bytes.size(), at);
  }
  return std::move(out).freeze();
}

void require(bool held) {
  if (!held)
    std::abort();
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
  const auto all = buffer::copy_of(bytes_view{reinterpret_cast<const std::byte*>(data), size});
  (void)kafka::decode_request_header(all);
  unsigned which = data[0];
  test::each_message([&]<class M>() {
    if (which-- == 0)
      round_trip<M>(all.slice(2),
                    static_cast<int16_t>(M::min_version + data[1] % (M::max_version - M::min_version + 1)));
  });
  return 0;
}
