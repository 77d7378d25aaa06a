// When members are to be fenced. Lives in memory only: after a restart everybody gets a whole session.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace chisme::groups {

/// A member has an end of its session, and while it is to give up partitions also an end for that. Each call
/// is O(log n).
class member_deadlines {
public:
  void set_session(const std::string& member, timestamp_ms at) {
    update(member, [&](entry& e) { e.session = at; });
  }
  void set_rebalance(const std::string& member, std::optional<timestamp_ms> at) {
    update(member, [&](entry& e) { e.rebalance = at.value_or(never); });
  }
  void erase(std::string_view member) {
    const auto i = members_.find(member);
    if (i == members_.end())
      return;
    queue_.erase({i->second.next(), i->first});
    members_.erase(i);
  }
  void clear() {
    queue_.clear();
    members_.clear();
  }

  std::optional<timestamp_ms> next() const {
    return queue_.empty() ? std::nullopt : std::optional{queue_.begin()->first};
  }
  /// The member whose time is up. Its id may be empty: damaged records have such.
  std::optional<std::string_view> due(timestamp_ms now) const {
    if (queue_.empty() || queue_.begin()->first > now)
      return std::nullopt;
    return queue_.begin()->second;
  }

private:
  static constexpr timestamp_ms never = std::numeric_limits<timestamp_ms>::max();

  struct entry {
    timestamp_ms session = never;
    timestamp_ms rebalance = never;

    timestamp_ms next() const { return std::min(session, rebalance); }
  };

  template <class Change>
  void update(const std::string& member, Change change) {
    const auto [i, is_new] = members_.try_emplace(member);
    const auto before = i->second.next();
    change(i->second);
    const auto after = i->second.next();
    if (is_new) {
      queue_.emplace(after, i->first);
    } else if (after != before) {
      auto node = queue_.extract({before, i->first});
      node.value().first = after;
      queue_.insert(std::move(node));
    }
  }

  std::map<std::string, entry, std::less<>> members_;
  std::set<std::pair<timestamp_ms, std::string_view>> queue_; ///< the names are the keys of members_
};

} // namespace chisme::groups
