// Who is probed next: all in a random order, then all in another one (SWIM, section 4.3). So nobody waits longer than
// two rounds, and no two nodes probe in the same order.
#pragma once

#include "actors/random_source.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace chisme::membership {

class probe_order {
public:
  /// A new member has its turn at a random place of the round.
  void add(node_id id, random_source& random) {
    if (std::ranges::find(order_, id) != order_.end())
      return;
    const auto place = random.bits() % (order_.size() + 1);
    order_.insert(order_.begin() + static_cast<ptrdiff_t>(place), id);
    if (place < next_)
      ++next_;
  }
  void remove(node_id id) {
    const auto i = std::ranges::find(order_, id);
    if (i == order_.end())
      return;
    if (static_cast<size_t>(i - order_.begin()) < next_)
      --next_;
    order_.erase(i);
  }
  std::optional<node_id> next(random_source& random) {
    if (order_.empty())
      return std::nullopt;
    if (next_ >= order_.size()) {
      for (size_t i = order_.size(); i > 1; --i)
        std::swap(order_[i - 1], order_[random.bits() % i]);
      next_ = 0;
    }
    return order_[next_++];
  }
  const std::vector<node_id>& ids() const { return order_; }

private:
  std::vector<node_id> order_;
  size_t next_ = 0;
};

} // namespace chisme::membership
