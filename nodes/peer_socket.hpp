// What all connections between nodes ask of the system.
#pragma once

#include <chrono>

namespace chisme::nodes {

/// The end of the other side is noticed within about `stalled`, also where no packet says so.
void watch_peer(int fd, std::chrono::milliseconds stalled);

/// A connection that is only written to: what waits in the system is bounded, so that little of it is out of date.
void bound_unsent(int fd, int bytes);

} // namespace chisme::nodes
