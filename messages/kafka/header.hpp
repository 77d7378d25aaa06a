// Frames and headers: size (int32), header, body.
//
//   request header   key int16, version int16, correlation id int32, client id string or null [, tagged
//   fields] response header  correlation id int32 [, tagged fields]
//
// The tagged fields are there in flexible versions. The client id is never compact, so that the header of a
// request can be read as far as it whatever its version (KIP-511).
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/payload.hpp"

#include <optional>
#include <string>

namespace chisme::kafka {

/// As it came: the key may be none that exists, and the version none that is known.
struct request_header {
  int16_t key = 0;
  int16_t version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;

  friend bool operator==(const request_header&, const request_header&) = default;
};

struct request_frame {
  request_header header;
  /// Whether find_api knows the key and that API has the version.
  bool supported = false;
  /// The bytes behind the header; where the request is not supported, those behind the client id.
  buffer body;
};

/// Reads a frame without its size. Fails with invalid_request for bytes that are no header. A key or a
/// version that is not known is no failure: the caller answers it (ApiVersions) or closes the connection.
result<request_frame> decode_request_header(const buffer& frame);

/// A whole request, size included, in the header version that key and version ask for.
payload encode_request(const request_header& header, payload body);

/// A whole response, size included. `header_version` is what response_header_version says: 0 or 1.
payload encode_response(int32_t correlation_id, int16_t header_version, payload body);

struct response_frame {
  int32_t correlation_id = 0;
  buffer body;
};

/// Reads a response frame without its size. Fails with invalid_request for bytes that are no such header.
result<response_frame> decode_response_header(const buffer& frame, int16_t header_version);

} // namespace chisme::kafka
