// How long a member stays suspected before it counts as dead (Lifeguard, section IV.B): long while one member alone
// says so, which may be its own fault, and shorter with each other one that found the same by a probe of its own.
#pragma once

#include "messages/ids.hpp"

#include <vector>

namespace chisme::membership {

struct suspicion_bounds {
  int64_t shortest_ms = 0; ///< after enough confirmations
  int64_t longest_ms = 0;  ///< without any
  int confirmations = 0;   ///< that are enough; 0: there is nobody who could confirm
};

class suspicion {
public:
  suspicion(timestamp_ms now, node_id by, suspicion_bounds bounds);

  /// Somebody says so who has not said it before, and still counts.
  bool confirm(node_id by);
  /// When the member is dead.
  timestamp_ms deadline() const;
  /// This node was not run for so long: nobody could refute.
  void put_off(int64_t ms) { begun_ += ms; }

private:
  timestamp_ms begun_;
  suspicion_bounds bounds_;
  std::vector<node_id> by_; ///< the first one and those who confirmed; never more than confirmations + 1
};

} // namespace chisme::membership
