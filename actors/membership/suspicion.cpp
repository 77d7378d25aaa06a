#include "actors/membership/suspicion.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace chisme::membership {

suspicion::suspicion(timestamp_ms now, node_id by, suspicion_bounds bounds) : begun_(now), bounds_(bounds), by_{by} {}

bool suspicion::confirm(node_id by) {
  if (by < 0 || std::cmp_greater(by_.size(), bounds_.confirmations) || std::ranges::find(by_, by) != by_.end())
    return false;
  by_.push_back(by);
  return true;
}

/// max(Min, Max - (Max - Min) * log(C + 1) / log(K + 1)), Lifeguard's formula.
timestamp_ms suspicion::deadline() const {
  if (bounds_.confirmations <= 0)
    return begun_ + bounds_.shortest_ms;
  const auto confirmed = std::log(static_cast<double>(by_.size())) / std::log(bounds_.confirmations + 1.0);
  const auto range = static_cast<double>(bounds_.longest_ms - bounds_.shortest_ms);
  return begun_ + bounds_.longest_ms - std::llround(range * std::min(confirmed, 1.0));
}

} // namespace chisme::membership
