// The queue of one connection to another node, between whoever sends and the loop that writes. Thread-safe.
#pragma once

#include "actors/links/outbox.hpp"
#include "messages/peer/peer_message.hpp"
#include "nodes/peer_limits.hpp"

#include <functional>
#include <mutex>
#include <optional>

namespace chisme::nodes {

class peer_outbox {
public:
  /// `wake`: take() has something to give; called once until it has nothing more, from any thread, and not any more
  /// when close() has returned.
  peer_outbox(int16_t version, peer::lane via, const peer_limits::of_lane& limits, std::function<void()> wake);

  /// Encodes on the caller's thread. False: dropped.
  bool send(const peer_message& m);

  /// The next frame; nothing where all have left.
  std::optional<payload> take();

  /// What waits is dropped, and what comes.
  void close();

  uint64_t bytes() const;
  uint64_t dropped() const;

private:
  const int16_t version_;
  const size_t max_frame_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  links::outbox box_;  // under mutex_, as are the following
  bool awake_ = false; // take() is going to be called
  bool open_ = true;
  uint64_t dropped_ = 0; // beside those of box_
};

} // namespace chisme::nodes
