// Sets of partitions, as sorted vectors: what a member has, gives up, or is to have.
#pragma once

#include "messages/groups/consumer_group_records.hpp"
#include "messages/ids.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace chisme::groups {

struct assigned_partition {
  uuid topic;
  int32_t index = 0;

  friend auto operator<=>(const assigned_partition&, const assigned_partition&) = default;
};

/// Sorted, each partition once.
using partition_set = std::vector<assigned_partition>;

inline partition_set common(const partition_set& a, const partition_set& b) {
  partition_set out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

inline partition_set without(const partition_set& a, const partition_set& b) {
  partition_set out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

inline partition_set together(const partition_set& a, const partition_set& b) {
  partition_set out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

inline bool intersects(const partition_set& a, const partition_set& b) { return !common(a, b).empty(); }

inline bool includes(const partition_set& all, const partition_set& part) {
  return std::includes(all.begin(), all.end(), part.begin(), part.end());
}

/// From any list of topics with partitions, in any order, as requests and records have them.
template <class Topics>
partition_set to_set(const Topics& topics) {
  partition_set out;
  for (const auto& t : topics)
    for (auto p : t.partitions)
      out.push_back({t.topic_id, p});
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The reverse: one entry a topic, as requests and records have them.
template <class Topic = topic_partitions>
std::vector<Topic> by_topic(const partition_set& set) {
  std::vector<Topic> out;
  for (const auto& p : set) {
    if (out.empty() || out.back().topic_id != p.topic)
      out.emplace_back(Topic{}).topic_id = p.topic;
    out.back().partitions.push_back(p.index);
  }
  return out;
}

} // namespace chisme::groups

template <>
struct std::hash<chisme::groups::assigned_partition> {
  size_t operator()(const chisme::groups::assigned_partition& p) const noexcept {
    return std::hash<chisme::uuid>{}(p.topic) * 31 + static_cast<size_t>(p.index);
  }
};
