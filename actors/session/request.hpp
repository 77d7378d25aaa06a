// One request on its way through a handler.
#pragma once

#include "actors/session/session.hpp"
#include "messages/kafka/header.hpp"
#include "messages/wire/codec.hpp"

namespace chisme::session {

struct request {
  std::shared_ptr<session> from;
  kafka::request_header header;
  buffer body;
  reply<outcome> done;

  int16_t version() const { return header.version; }
  broker& shared() const { return from->shared(); }
  std::shared_ptr<const broker_image> image() const { return from->shared().image.get(); }

  /// Encoded on the session's loop when its turn has come, and not at all where the client has gone by then.
  template <class Response>
  void answer(Response response) const {
    done({[response = std::move(response), v = version()] { return chisme::encode(response, v); }, {}});
  }

  /// The decoded body, or nullopt after closing the connection: Kafka's reaction to a body that does not parse.
  template <class T>
  std::optional<T> decode_or_close() const {
    auto decoded = chisme::decode<T>(body, header.version, behind::anything);
    if (decoded)
      return std::move(*decoded);
    from->close(kafka::to_string(static_cast<kafka::api_key>(header.key)) + " v" + std::to_string(header.version) +
                ": " + decoded.error().message);
    return std::nullopt;
  }
};

} // namespace chisme::session
