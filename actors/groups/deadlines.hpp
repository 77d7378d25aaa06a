// Many deadlines, each under a key: setting one costs the logarithm of their number, so that a heartbeat of one member
// does not look at all the others.
#pragma once

#include "messages/ids.hpp"

#include <map>
#include <optional>
#include <set>

namespace chisme::groups {

/// Invariant: order_ holds exactly the entries of by_key_.
template <class Key>
class deadlines {
public:
  void set(const Key& key, timestamp_ms when) {
    auto [i, added] = by_key_.try_emplace(key, when);
    if (!added) {
      if (i->second == when)
        return;
      order_.erase({i->second, key});
      i->second = when;
    }
    order_.emplace(when, key);
  }
  void set(const Key& key, std::optional<timestamp_ms> when) { when ? set(key, *when) : cancel(key); }

  void cancel(const Key& key) {
    auto i = by_key_.find(key);
    if (i == by_key_.end())
      return;
    order_.erase({i->second, key});
    by_key_.erase(i);
  }

  void clear() {
    by_key_.clear();
    order_.clear();
  }

  std::optional<timestamp_ms> next() const {
    return order_.empty() ? std::nullopt : std::optional{order_.begin()->first};
  }

  /// Takes the first that is due out; those of one time in the order of their keys.
  std::optional<Key> take_due(timestamp_ms now) {
    if (order_.empty() || order_.begin()->first > now)
      return std::nullopt;
    auto key = order_.begin()->second;
    order_.erase(order_.begin());
    by_key_.erase(key);
    return key;
  }

private:
  std::map<Key, timestamp_ms> by_key_;
  std::set<std::pair<timestamp_ms, Key>> order_;
};

} // namespace chisme::groups
