// How code outside the actor world talks to the coordinator.
#pragma once

#include "actors/coordinator/messages.hpp"

namespace chisme::coordinator {

/// Thread-safe; returns at once.
class port {
public:
  virtual ~port() = default;
  virtual void send(change) = 0;
};

using port_ptr = std::shared_ptr<port>;

} // namespace chisme::coordinator
