// Member ids that were given out and that nobody has joined with yet (KIP-394).
#pragma once

#include <iterator>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::groups {

/// A client that only ever asks for ids must not cost any amount of memory until they time out, which can be half an
/// hour. Kafka bounds nothing here: group.max.size counts members, and has no limit by default. So the ids have room
/// for `most_bytes`, which is more than 10,000 usual ones, and a new one takes the place of the oldest. A refusal would
/// let one client keep all others out; whose id was dropped is told UNKNOWN_MEMBER_ID when it joins, and asks again.
///
/// Invariant: by_name_ has exactly the ids of by_age_, bytes_ their lengths.
class pending_ids {
public:
  static constexpr size_t most_bytes = 1 << 20;

  pending_ids() = default;
  /// by_name_ points into by_age_, which only a move keeps in place.
  pending_ids(pending_ids&&) = default;
  pending_ids& operator=(pending_ids&&) = default;

  bool contains(std::string_view id) const { return by_name_.contains(id); }
  bool empty() const { return by_name_.empty(); }

  /// The ids that had to go for it. It stays itself, however long it is.
  std::vector<std::string> insert(const std::string& id) {
    std::vector<std::string> dropped;
    if (contains(id))
      return dropped;
    while (!empty() && bytes_ + id.size() > most_bytes) {
      dropped.push_back(by_age_.front());
      erase(dropped.back());
    }
    by_age_.push_back(id);
    by_name_.emplace(by_age_.back(), std::prev(by_age_.end()));
    bytes_ += id.size();
    return dropped;
  }

  /// Whether it was there.
  bool erase(const std::string& id) {
    const auto i = by_name_.find(id);
    if (i == by_name_.end())
      return false;
    bytes_ -= id.size();
    const auto place = i->second;
    by_name_.erase(i);
    by_age_.erase(place);
    return true;
  }

private:
  std::list<std::string> by_age_; // the oldest first
  std::map<std::string_view, std::list<std::string>::iterator> by_name_;
  size_t bytes_ = 0;
};

} // namespace chisme::groups
