// Many deadlines, each under a key: setting one costs the logarithm of their number, so that a heartbeat of one member
// does not look at all the others.
#pragma once

#include "messages/ids.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace chisme::groups {

/// Invariant: order_ holds exactly the entries of by_key_. Each key is kept once. Keys may be named by whatever
/// compares with them, for example a std::string by a std::string_view.
template <class Key>
class deadlines {
public:
  deadlines() = default;
  /// Moved maps keep their iterators, copied ones do not.
  deadlines(deadlines&&) = default;
  deadlines& operator=(deadlines&&) = default;

  template <class Name>
  void set(const Name& key, timestamp_ms when) {
    auto i = by_key_.find(key);
    if (i == by_key_.end()) {
      i = by_key_.emplace(key, when).first;
    } else {
      if (i->second == when)
        return;
      order_.erase(i);
      i->second = when;
    }
    order_.insert(i);
  }
  template <class Name>
  void set(const Name& key, std::optional<timestamp_ms> when) {
    when ? set(key, *when) : cancel(key);
  }

  template <class Name>
  void cancel(const Name& key) {
    auto i = by_key_.find(key);
    if (i == by_key_.end())
      return;
    order_.erase(i);
    by_key_.erase(i);
  }

  template <class Name>
  bool has(const Name& key) const {
    return by_key_.find(key) != by_key_.end();
  }

  void clear() {
    order_.clear();
    by_key_.clear();
  }

  /// The first, those of one time in the order of their keys: when, and whose. Valid until something changes.
  std::optional<std::pair<timestamp_ms, const Key&>> first() const {
    if (order_.empty())
      return std::nullopt;
    const auto i = *order_.begin();
    return std::optional<std::pair<timestamp_ms, const Key&>>{std::in_place, i->second, i->first};
  }

  std::optional<timestamp_ms> next() const {
    return order_.empty() ? std::nullopt : std::optional{(*order_.begin())->second};
  }

  /// Takes the first out if it is due.
  std::optional<Key> take_due(timestamp_ms now) {
    if (order_.empty() || (*order_.begin())->second > now)
      return std::nullopt;
    const auto i = *order_.begin();
    order_.erase(order_.begin());
    return std::move(by_key_.extract(i).key());
  }

private:
  using entries = std::map<Key, timestamp_ms, std::less<>>;
  using position = typename entries::iterator;

  struct sooner {
    bool operator()(position a, position b) const {
      return std::tie(a->second, a->first) < std::tie(b->second, b->first);
    }
  };

  entries by_key_;
  std::set<position, sooner> order_;
};

} // namespace chisme::groups
