// News for one peer: each is in every message until one that carried it, at its newest value, has been acknowledged.
//
// A message carries the first entries of a queue that loses entries only by acknowledgements, so an entry that was
// carried once is carried by each message from there on; that is why the first sequence is all that has to be known.
#pragma once

#include "messages/peer/heartbeat.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <map>

namespace chisme::heartbeats {

/// Some order, which is found in a few instructions: uuid's own goes byte by byte.
struct group_order {
  bool operator()(const peer::raft_group& a, const peer::raft_group& b) const {
    for (size_t half = 0; half < 16; half += 8) {
      uint64_t of_a, of_b;
      std::memcpy(&of_a, a.topic_id.bytes.data() + half, 8);
      std::memcpy(&of_b, b.topic_id.bytes.data() + half, 8);
      if (of_a != of_b)
        return of_a < of_b;
    }
    return a.partition < b.partition;
  }
};

class unacknowledged {
public:
  /// Takes the place of what there is of this group.
  void put(const peer::heartbeat_entry& news) {
    if (const auto i = places_.find(news.group); i != places_.end())
      *i->second = {news, not_carried};
    else
      places_.emplace(news.group, queue_.insert(queue_.end(), {news, not_carried}));
  }
  void clear() {
    queue_.clear();
    places_.clear();
  }

  /// What the message with this number, which is higher than all before, carries: at most `most` entries.
  std::vector<peer::heartbeat_entry> carry(uint64_t sequence, size_t most) {
    std::vector<peer::heartbeat_entry> out;
    out.reserve(std::min(most, queue_.size()));
    for (auto i = queue_.begin(); i != queue_.end() && out.size() < most; ++i) {
      if (i->first == not_carried)
        i->first = sequence;
      out.push_back(i->news);
    }
    return out;
  }
  /// The message with this number has arrived.
  void acknowledge(uint64_t sequence, size_t most) {
    size_t looked_at = 0;
    for (auto i = queue_.begin(); i != queue_.end() && looked_at < most; ++looked_at) {
      if (i->first == not_carried || i->first > sequence) {
        ++i;
        continue;
      }
      places_.erase(i->news.group);
      i = queue_.erase(i);
    }
  }

  size_t size() const { return queue_.size(); }

private:
  /// Sequences begin behind it.
  static constexpr uint64_t not_carried = 0;

  struct item {
    peer::heartbeat_entry news;
    uint64_t first; ///< the message that carried it first
  };

  std::list<item> queue_;
  std::map<peer::raft_group, std::list<item>::iterator, group_order> places_;
};

} // namespace chisme::heartbeats
