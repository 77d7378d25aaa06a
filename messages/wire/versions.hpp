// In which versions of a message a field exists, and from which version on it may be null.
//
//   f("topic_id", x.topic_id, since(13));
//   f("topic", x.topic, until(12));
//   f("protocol_name", x.protocol_name, nullable_since(7));
//   f("cluster_id", x.cluster_id, since(2).until(8));
#pragma once

#include <cstdint>
#include <limits>

namespace chisme::wire {

/// A version that no message reaches: "never flexible".
inline constexpr int16_t never = std::numeric_limits<int16_t>::max();

struct field_versions {
  int16_t first = 0;
  int16_t last = never;
  int16_t null_first = 0; ///< only of meaning for fields whose C++ type can be null

  constexpr bool contain(int16_t version) const { return version >= first && version <= last; }
  constexpr bool nullable(int16_t version) const { return version >= null_first; }

  constexpr field_versions since(int16_t version) const { return {version, last, null_first}; }
  constexpr field_versions until(int16_t version) const { return {first, version, null_first}; }
  constexpr field_versions nullable_since(int16_t version) const { return {first, last, version}; }
};

/// The first version that has the field.
constexpr field_versions since(int16_t version) { return field_versions{}.since(version); }
/// The last version that has the field.
constexpr field_versions until(int16_t version) { return field_versions{}.until(version); }
/// The field is there in all versions, and may be null from this one on.
constexpr field_versions nullable_since(int16_t version) { return field_versions{}.nullable_since(version); }

} // namespace chisme::wire
