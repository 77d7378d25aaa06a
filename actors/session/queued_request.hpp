// What a request is answered with, and the request's place among those of its connection.
//
// Kafka's clients pipeline and expect answers in the order of their requests, while the work goes on concurrently. So
// each request is queued by its session; whoever does the work answers it from any thread, through a reply<outcome>;
// the session encodes and sends what is answered at the head, on its own thread. An answer that is lost closes the
// connection: the client learns at once and tries again, instead of waiting for its timeout.
#pragma once

#include "actors/reply.hpp"
#include "messages/payload.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace chisme::session {

class session;

struct outcome {
  /// The response's body, without header. Called once, on the session's loop; none: no response is due (Produce with
  /// acks=0).
  std::function<payload()> encode;
  /// Where it is not empty the connection cannot go on, for this reason.
  std::string failure;

  static outcome nothing() { return {}; }
  static outcome failed(std::string why) { return {{}, std::move(why)}; }
  static outcome lost() { return failed("a request was lost before it was answered"); }
};

/// One request in the queue of its session, which whoever answers shares.
class queued_request final : public reply_sink<outcome> {
public:
  queued_request(std::weak_ptr<session> owner, size_t bytes, int32_t correlation, int16_t header_version)
    : request_bytes(bytes), correlation_id(correlation), response_header_version(header_version),
      owner_(std::move(owner)) {}

  void deliver(size_t, outcome value) override;

  bool is_answered() const { return is_answered_.load(std::memory_order_acquire); }
  /// Once it is answered, on the session's loop.
  outcome& given() { return given_; }

  const size_t request_bytes; ///< counted against the session's bytes in flight until the answer is sent
  const int32_t correlation_id;
  const int16_t response_header_version;
  bool answers_much = false; ///< see api_table.hpp

private:
  std::weak_ptr<session> owner_;
  outcome given_; // written before is_answered_
  std::atomic<bool> is_answered_{false};
};

} // namespace chisme::session
