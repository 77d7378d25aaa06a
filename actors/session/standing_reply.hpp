// A heartbeat of this connection that was answered, and whose answer stands: see actors/groups/standing_answer.hpp.
#pragma once

#include "actors/groups/standing_answer.hpp"
#include "messages/kafka/header.hpp"
#include "messages/payload.hpp"

namespace chisme::session {

struct standing_reply {
  kafka::request_header header;
  buffer request; ///< behind the header; its own memory
  payload answer; ///< the body
  groups::standing_answer_ptr right;

  /// The same request once more, but for its correlation id.
  bool is_for(const kafka::request_header& other, const buffer& body) const {
    return header.key == other.key && header.version == other.version && header.client_id == other.client_id &&
           request == body;
  }
};

} // namespace chisme::session
