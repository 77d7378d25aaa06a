// The thread that a session lives on, as the session sees it.
//
// In production an Asio io_context (nodes/gateway), in the simulator an actor. A session is touched by its loop
// only; whoever answers from another thread posts.
#pragma once

#include "messages/payload.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace chisme::session {

class loop {
public:
  virtual ~loop() = default;
  /// Runs `f` on the loop, later. Thread-safe.
  virtual void post(std::function<void()> f) = 0;
  /// Runs `f` on the loop after `delay`, unless the returned handle is dropped before. Thread-safe.
  virtual std::shared_ptr<void> after(std::chrono::milliseconds delay, std::function<void()> f) = 0;
};

/// The connection below a session. Called on the loop only.
class transport {
public:
  virtual ~transport() = default;
  /// Queues a whole response, size prefix included. Nothing leaves before flush().
  virtual void send(payload response) = 0;
  virtual void flush() = 0;
  /// Closes, with one log line that says why. Nothing more is read or written.
  virtual void close(std::string reason) = 0;
};

} // namespace chisme::session
