// What other nodes may cost this one.
#pragma once

#include "messages/peer/lane.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace chisme::nodes {

/// Bytes, unless said otherwise.
struct peer_limits {
  struct of_lane {
    size_t frame = 0;   ///< the largest that is sent or accepted
    uint64_t queue = 0; ///< of frames that wait to be sent to one node
    int64_t memory = 0; ///< of frames from one node that this one still works on; nothing more of it is read then
    size_t handed = 0;  ///< that have left the queue and are not written yet, beside one frame
    int unsent = 0;     ///< that the system takes before they can be sent (TCP_NOTSENT_LOWAT)
  };

  of_lane control{1 << 20, 1 << 20, 4 << 20, 64 << 10, 64 << 10};
  of_lane bulk{16 << 20, 4 << 20, 32 << 20, 512 << 10, 512 << 10};

  size_t most_nodes = 1000;
  /// Connections that have not said yet who they are; the oldest gives way.
  size_t strangers = 128;
  /// For who connects, to say hello.
  std::chrono::milliseconds hello{5000};
  /// From the begin of a connect to the answer to our hello.
  std::chrono::milliseconds dial{2000};
  /// A connection whose other side takes nothing for this long ends; one that says nothing is asked by the system, and
  /// ends after about as long (TCP_USER_TIMEOUT, keepalive).
  std::chrono::milliseconds stalled{10'000};

  const of_lane& of(peer::lane l) const { return l == peer::lane::bulk ? bulk : control; }
};

} // namespace chisme::nodes
