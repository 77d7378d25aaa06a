#include "messages/kafka/header.hpp"

#include "messages/wire/decoder.hpp"

namespace chisme::kafka {

namespace {

/// The part that all versions of the header share.
struct plain_request_header {
  request_header fields;

  static void visit(auto& f, auto& x) {
    f("api_key", x.fields.key);
    f("api_version", x.fields.version);
    f("correlation_id", x.fields.correlation_id);
    f("client_id", x.fields.client_id);
  }
};

struct correlation {
  int32_t id = 0;

  static void visit(auto& f, auto& x) { f("correlation_id", x.id); }
};

/// No tagged field is defined for any header, so that a section of them is a struct without fields.
struct header_tags {
  static void visit(auto&, auto&) {}
};

/// Reads one struct at the front and cuts it off.
template <class T>
result<T> cut(buffer& rest, bool flexible) {
  T x;
  wire::decoder reader{rest, 0, flexible};
  reader.record(x);
  if (reader.failed())
    return fail(error_code::invalid_request, "header: " + reader.failure());
  rest = rest.slice(reader.position());
  return x;
}

/// Size, header, and an empty section of tagged fields where there is to be one.
template <class T>
payload frame(const T& header, bool tagged, payload body) {
  const auto length = wire::encoded_size(header, 0, false) + (tagged ? 1 : 0);
  wire::writing_sink out{sizeof(int32_t) + length};
  out.put(static_cast<int32_t>(length + body.size()));
  wire::encoder<wire::writing_sink>{out, 0, false}.record(header);
  if (tagged)
    out.put_uvarint(0);
  auto whole = std::move(out).finish();
  whole.append(std::move(body));
  return whole;
}

} // namespace

result<request_frame> decode_request_header(const buffer& frame) {
  request_frame out;
  out.body = frame;
  auto header = cut<plain_request_header>(out.body, false);
  if (!header)
    return tl::make_unexpected(std::move(header.error()));
  out.header = std::move(header->fields);
  const auto* api = find_api(out.header.key);
  out.supported = api && api->has(out.header.version);
  if (out.supported && out.header.version >= api->flexible_since)
    if (auto tags = cut<header_tags>(out.body, true); !tags)
      return tl::make_unexpected(std::move(tags.error()));
  return out;
}

payload encode_request(const request_header& header, payload body) {
  const bool tagged = request_header_version(header.key, header.version) == 2;
  return frame(plain_request_header{header}, tagged, std::move(body));
}

payload encode_response(int32_t correlation_id, int16_t header_version, payload body) {
  return frame(correlation{correlation_id}, header_version >= 1, std::move(body));
}

result<response_frame> decode_response_header(const buffer& frame, int16_t header_version) {
  response_frame out;
  out.body = frame;
  auto header = cut<correlation>(out.body, false);
  if (!header)
    return tl::make_unexpected(std::move(header.error()));
  out.correlation_id = header->id;
  if (header_version >= 1)
    if (auto tags = cut<header_tags>(out.body, true); !tags)
      return tl::make_unexpected(std::move(tags.error()));
  return out;
}

} // namespace chisme::kafka
