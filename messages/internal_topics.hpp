// The brokers' own topics. Other names that begin with two underscores are users': heartbeats and metrics of tools.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace chisme::internal_topics {

inline constexpr std::string_view metadata = "__cluster";
inline constexpr std::string_view consumer_offsets = "__consumer_offsets";
inline constexpr std::string_view transaction_state = "__transaction_state";
inline constexpr std::string_view share_group_state = "__share_group_state";

/// Kafka's log of its cluster's metadata. There is none here, and nobody makes a topic of that name.
inline constexpr std::string_view kafkas_metadata = "__cluster_metadata";

/// Names that no client gives a topic, as Kafka has it with its own metadata log.
constexpr bool reserved(std::string_view name) { return name == metadata || name == kafkas_metadata; }

constexpr bool contain(std::string_view name) {
  constexpr std::array all{metadata, consumer_offsets, transaction_state, share_group_state};
  return std::ranges::find(all, name) != all.end();
}

} // namespace chisme::internal_topics
