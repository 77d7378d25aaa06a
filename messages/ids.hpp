// The names of things: topics, partitions, nodes, offsets, epochs.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace chisme {

/// Position of a record in its partition; dense, from 0.
using offset_t = int64_t;
/// Kafka's name for Raft's term: who led when. -1 where nobody ever did.
using leader_epoch_t = int32_t;
using partition_index = int32_t;
using node_id = int32_t;
/// Milliseconds since 1970 on the wall clock, as records carry them; -1 for none.
using timestamp_ms = int64_t;

/// A 128-bit id; all zero means none.
struct uuid {
  std::array<uint8_t, 16> bytes{};

  bool is_zero() const { return *this == uuid{}; }
  friend auto operator<=>(const uuid&, const uuid&) = default;
};

/// Kafka's spelling: 22 characters of URL-safe base64 without padding.
std::string to_string(const uuid& id);
/// The reverse; nullopt for anything that is not such a spelling.
std::optional<uuid> parse_uuid(std::string_view text);

struct topic_partition {
  std::string topic;
  partition_index partition = 0;

  friend auto operator<=>(const topic_partition&, const topic_partition&) = default;
};

/// "topic-3", which is also the partition's folder name.
inline std::string to_string(const topic_partition& tp) { return tp.topic + "-" + std::to_string(tp.partition); }

} // namespace chisme

template <>
struct std::hash<chisme::uuid> {
  size_t operator()(const chisme::uuid& id) const noexcept {
    size_t h = 1469598103934665603ull;
    for (auto b : id.bytes)
      h = (h ^ b) * 1099511628211ull;
    return h;
  }
};
