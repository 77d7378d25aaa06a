// News that ride on pings and acks: each is sent about lambda * log2(n) times, the least sent first, then the newest
// (SWIM, section 4.1). Of one subject - a member, a partition - there is one piece of news, the last one; only who else
// suspects a member is told beside it.
#pragma once

#include "messages/peer/membership.hpp"

#include <bit>
#include <map>
#include <tuple>
#include <utility>

namespace chisme::membership {

/// Bytes that are left in a message.
class byte_budget {
public:
  explicit byte_budget(size_t bytes) : left_(bytes) {}
  bool take(size_t bytes) {
    if (bytes > left_)
      return false;
    left_ -= bytes;
    return true;
  }

private:
  size_t left_;
};

/// What an entry takes in a message, at most.
size_t bytes_of(const peer::member_update& u);
size_t bytes_of(const peer::leader_claim& c);

template <class Key, class Item>
class news_queue {
public:
  /// Replaces what there is of this subject, and is sent as often as anything new.
  void put(const Key& key, Item item) {
    forget(key);
    const order place{0, --newest_};
    places_.emplace(key, place);
    queue_.emplace(place, std::pair{key, std::move(item)});
  }
  void forget(const Key& key) {
    if (const auto i = places_.find(key); i != places_.end()) {
      queue_.erase(i->second);
      places_.erase(i);
    }
  }
  void forget_range(const Key& first, const Key& end) {
    for (auto i = places_.lower_bound(first); i != places_.end() && i->first < end; i = places_.erase(i))
      queue_.erase(i->second);
  }
  /// Appends what fits to `out`. What was sent `limit` times is news no more.
  void take(int limit, byte_budget& budget, std::vector<Item>& out) {
    std::vector<order> taken;
    for (const auto& [place, news] : queue_) {
      if (!budget.take(bytes_of(news.second)))
        break;
      out.push_back(news.second);
      taken.push_back(place);
    }
    for (const auto& place : taken)
      count(place, limit);
  }
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }

private:
  using order = std::pair<int, int64_t>; ///< times sent; newer ones have lower numbers

  void count(const order& place, int limit) {
    auto node = queue_.extract(place);
    const auto& key = node.mapped().first;
    if (place.first + 1 >= limit) {
      places_.erase(key);
      return;
    }
    node.key().first += 1;
    places_[key] = node.key();
    queue_.insert(std::move(node));
  }

  std::map<order, std::pair<Key, Item>> queue_;
  std::map<Key, order> places_;
  int64_t newest_ = 0;
};

class dissemination {
public:
  using claim_key = std::pair<uuid, partition_index>;

  explicit dissemination(int lambda) : lambda_(lambda) {}

  void put(const peer::member_update& u) {
    forget(u.who.id);
    confirm(u);
  }
  /// Beside what there is of this member.
  void confirm(const peer::member_update& u) { members_.put({u.who.id, u.suspected_by}, u); }
  void put(const peer::leader_claim& c) { claims_.put({c.topic, c.partition}, c); }
  void forget(node_id id) { members_.forget_range({id, -1}, {id + 1, -1}); }
  void forget(const claim_key& key) { claims_.forget(key); }

  /// Appends what fits, members before claims. `members`: how many there are.
  void take(size_t members, byte_budget& budget, peer::gossip& out) {
    members_.take(limit(members), budget, out.members);
    claims_.take(limit(members), budget, out.claims);
  }
  /// How often one piece of news is sent.
  int limit(size_t members) const { return lambda_ * static_cast<int>(std::bit_width(members)); }
  bool empty() const { return members_.empty() && claims_.empty(); }

private:
  int lambda_;
  news_queue<std::pair<node_id, node_id>, peer::member_update> members_;
  news_queue<claim_key, peer::leader_claim> claims_;
};

} // namespace chisme::membership
