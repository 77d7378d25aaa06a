// How well this node itself does, as far as it can tell from its probes (Lifeguard, section IV.A, "local health aware
// probe"). A node that is slow or cut off sees everybody else as silent: it then waits longer before it says so.
#pragma once

#include <algorithm>
#include <cstdint>

namespace chisme::membership {

class local_health {
public:
  explicit local_health(int worst) : worst_(worst) {}

  /// A probe was answered in time.
  void better() { score_ = std::max(score_ - 1, 0); }
  /// A probe failed and those who were asked for help were silent, too; this node was suspected; it was not run.
  void worse(int by = 1) { score_ = std::min(score_ + by, worst_); }

  /// What intervals and timeouts of probes are multiplied with: 1 when all is well.
  int64_t multiplier() const { return score_ + 1; }

private:
  int worst_;
  int score_ = 0;
};

} // namespace chisme::membership
