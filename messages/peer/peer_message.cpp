#include "messages/peer/peer_message.hpp"

#include "messages/wire/instantiate.hpp"

#include <algorithm>
#include <array>

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::hello)
CHISME_INSTANTIATE_CODEC(peer::hello_answer)
CHISME_INSTANTIATE_CODEC(peer::ping)
CHISME_INSTANTIATE_CODEC(peer::bulk_ping)

namespace peer {

namespace {

template <class... Rows>
constexpr bool are_numbers_sound(table<Rows...>) {
  std::array kinds{Rows::kind...};
  std::ranges::sort(kinds);
  return kinds.front() > 0 && std::ranges::adjacent_find(kinds) == kinds.end();
}
static_assert(are_numbers_sound(all{}), "each kind has a number of its own, and none has 0");

/// The rows stand in the order of the variant's bodies.
template <class... Rows>
constexpr auto lanes_of(table<Rows...>) {
  return std::array{Rows::via...};
}
template <class... Rows>
constexpr auto kinds_of(table<Rows...>) {
  return std::array{Rows::kind...};
}

template <class Body>
payload encode_body(const Body& body, uint8_t kind, int16_t agreed) {
  const auto version = std::min(agreed, Body::max_version);
  const bool flexible = version >= Body::flexible_since;
  wire::counting_sink counter;
  wire::encoder<wire::counting_sink>{counter, version, flexible}.record(body);
  wire::writing_sink out{size_prefix + frame_header + counter.size()};
  out.put(static_cast<uint32_t>(frame_header + counter.total()));
  out.put(kind);
  out.put(static_cast<uint8_t>(version));
  wire::encoder<wire::writing_sink>{out, version, flexible}.record(body);
  return std::move(out).finish();
}

template <class Body>
result<peer_message> decode_body(const buffer& body, int16_t version) {
  if (version < Body::min_version || version > Body::max_version)
    return fail(error_code::unsupported_version,
                std::string{Body::type_name} + " version " + std::to_string(version) + " is not known here");
  auto read = decode<Body>(body, version);
  if (!read)
    return tl::make_unexpected(read.error());
  return peer_message{std::move(*read)};
}

template <class... Rows>
result<peer_message> decode_kind(table<Rows...>, uint8_t kind, const buffer& body, int16_t version) {
  result<peer_message> out =
    fail(error_code::unsupported_version, "messages of kind " + std::to_string(kind) + " are not known here");
  (void)((kind == Rows::kind && ((out = decode_body<typename Rows::body>(body, version)), true)) || ...);
  return out;
}

} // namespace

lane lane_of(const peer_message& m) { return lanes_of(all{})[m.index()]; }

std::string_view name_of(const peer_message& m) {
  return std::visit([]<class Body>(const Body&) { return Body::type_name; }, m);
}

payload encode_frame(const peer_message& m, int16_t agreed) {
  const auto kind = kinds_of(all{})[m.index()];
  return std::visit([&](const auto& body) { return encode_body(body, kind, agreed); }, m);
}

result<peer_message> decode_frame(const buffer& frame, int16_t agreed) {
  if (frame.size() < frame_header)
    return fail(error_code::invalid_request, "a frame of " + std::to_string(frame.size()) + " bytes has no kind");
  const auto kind = wire::load_big_endian<uint8_t>(frame.data());
  const auto version = int16_t{wire::load_big_endian<uint8_t>(frame.data() + 1)};
  if (version > agreed)
    return fail(error_code::unsupported_version, "a message of kind " + std::to_string(kind) + " has version " +
                                                   std::to_string(version) + ", agreed upon is " +
                                                   std::to_string(agreed));
  return decode_kind(all{}, kind, frame.slice(frame_header), version);
}

nlohmann::json to_json(const peer_message& m) {
  return std::visit(
    []<class Body>(const Body& body) {
      auto out = chisme::to_json(body);
      out["message"] = std::string{Body::type_name};
      return out;
    },
    m);
}

} // namespace peer

} // namespace chisme
