// A heartbeat of this connection that was answered, and whose answer stands: see actors/groups/standing_answer.hpp.
//
// An idle member sends nothing but this request again, so it is known by its bytes: it need not be decoded, and takes no
// place in the queue where that is empty. There are thousands of idle members and none of them is in a cache when it
// speaks, so what is needed lies together.
#pragma once

#include "actors/groups/standing_answer.hpp"
#include "messages/kafka/header.hpp"
#include "messages/payload.hpp"

namespace chisme::session {

class standing_reply {
public:
  /// `body`: of the request; `answer`: the body of its answer. Both are copied.
  standing_reply(const kafka::request_header& header, const buffer& body, const payload& answer,
                 groups::standing_answer_ptr right);

  /// The same request once more, but for its correlation id. `frame`: as it came, without its size.
  bool is_for(const buffer& frame) const;

  /// is_for() comes soon.
  void prefetch() const;

  /// The member is heard. False: the answer does not stand any more.
  bool repeat(timestamp_ms now) const { return right_->repeat(now); }

  /// The whole answer, size included.
  payload response(int32_t correlation_id) const;
  payload answer() const;
  int16_t response_header_version() const { return response_header_version_; }

private:
  bytes_view request() const { return bytes_view{bytes_}.first(request_size_); }
  bytes_view response() const { return bytes_view{bytes_}.subspan(request_size_); }

  std::vector<std::byte> bytes_; // the request without its size, and the response
  size_t request_size_;
  size_t answer_size_; // at the end of the response
  int16_t response_header_version_;
  groups::standing_answer_ptr right_;
};

} // namespace chisme::session
