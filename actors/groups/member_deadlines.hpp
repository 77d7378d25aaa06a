// When members are to be fenced. Lives in memory only: after a restart everybody gets a whole session.
#pragma once

#include "actors/groups/deadlines.hpp"

#include <string>
#include <string_view>

namespace chisme::groups {

/// A member has an end of its session, and while it is to give up partitions also an end for that. Each call
/// is O(log n).
class member_deadlines {
public:
  void set_session(std::string_view member, timestamp_ms at) { sessions_.set(member, at); }
  void set_rebalance(std::string_view member, std::optional<timestamp_ms> at) { rebalances_.set(member, at); }
  bool has_rebalance(std::string_view member) const { return rebalances_.has(member); }
  /// By value: the name may be the one that due() gave.
  void erase(std::string member) {
    sessions_.cancel(member);
    rebalances_.cancel(member);
  }
  void clear() {
    sessions_.clear();
    rebalances_.clear();
  }

  std::optional<timestamp_ms> next() const {
    const auto soonest = first();
    return soonest ? std::optional{soonest->first} : std::nullopt;
  }
  /// The member whose time is up. Its id may be empty: damaged records have such. Valid until something changes.
  std::optional<std::string_view> due(timestamp_ms now) const {
    const auto soonest = first();
    return soonest && soonest->first <= now ? std::optional{soonest->second} : std::nullopt;
  }

private:
  std::optional<std::pair<timestamp_ms, std::string_view>> first() const {
    const auto session = sessions_.first();
    const auto rebalance = rebalances_.first();
    return rebalance && (!session || *rebalance < *session) ? rebalance : session;
  }

  deadlines<std::string> sessions_;
  deadlines<std::string> rebalances_;
};

} // namespace chisme::groups
