// The place of one answer in a connection's queue.
//
// Kafka's clients pipeline and expect answers in the order of their requests, while the work goes on concurrently.
// So each request opens a slot in its session's queue; whoever does the work completes the slot from any thread;
// the session sends what is finished at the head. A slot that is dropped uncompleted closes the connection: the
// client learns at once and tries again, instead of waiting for its timeout.
#pragma once

#include "messages/payload.hpp"

#include <atomic>
#include <memory>

namespace chisme::session {

class session;

/// Shared by the queue and by whoever answers.
struct slot_state {
  enum class phase : uint8_t { open, answered, silent, lost };

  int32_t correlation_id = 0;
  int16_t response_header_version = 0;
  size_t request_bytes = 0;  ///< counted against the session's bytes in flight until the answer is sent
  bool answers_much = false; ///< see api_table.hpp
  std::atomic<phase> now{phase::open};
  payload body; ///< written before `now` becomes answered
};

/// The right to answer, once. Copies share the right; the last one dropped without an answer loses the request.
class reply_slot {
public:
  reply_slot() = default;
  reply_slot(std::weak_ptr<session> owner, std::shared_ptr<slot_state> state);

  /// The response body, without header. Thread-safe; the first call counts.
  void complete(payload body) const;
  /// No response is due (Produce with acks=0).
  void complete_silently() const;
  /// The connection cannot go on: `why` goes to the log.
  void close_connection(std::string why) const;

private:
  struct right {
    right(std::weak_ptr<session> o, std::shared_ptr<slot_state> s) : owner(std::move(o)), state(std::move(s)) {}
    right(const right&) = delete;
    right& operator=(const right&) = delete;
    ~right();
    void finish(slot_state::phase how);

    std::weak_ptr<session> owner;
    std::shared_ptr<slot_state> state;
    std::atomic<bool> used{false};
  };

  std::shared_ptr<right> right_;
};

} // namespace chisme::session
