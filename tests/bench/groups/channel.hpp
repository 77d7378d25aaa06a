// A connection of one client of a crowd: requests go out at once, answers come back in their order.
#pragma once

#include "tests/bench/groups/event_loop.hpp"
#include "tests/bench/requests.hpp"

#include <deque>

namespace chisme::bench {

class channel {
public:
  using receiver = std::function<void(const buffer& frame)>;

  channel(event_loop& loop, uint16_t port);
  ~channel();
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// `done` gets the answer without its size.
  void send(const bytes& request, receiver done);

  /// The same with messages: `done(Response)`.
  template <class Response, class Request, class Done>
  void call(const Request& request, Done done) {
    send(frame_of(request), [done = std::move(done)](const buffer& frame) mutable {
      done(read_answer<Response>(frame, Request::max_version));
    });
  }

private:
  void ready();
  void flush();
  /// Hands out all whole frames that have arrived.
  void deliver();

  event_loop& loop_;
  int fd_;
  bytes out_;
  bool writing_ = false; // the socket is full
  bytes in_;
  std::deque<receiver> waiting_;
};

} // namespace chisme::bench
