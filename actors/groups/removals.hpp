// Removals of offsets, which may be any number at once: a group or a topic is deleted, or many expire.
#pragma once

#include "actors/groups/group_records.hpp"

#include <algorithm>

namespace chisme::groups {

/// Of a record that removes.
inline constexpr size_t bytes_around_a_key = 16;

/// Records that were decided together, in the parts that have to stand in the log together. Where all of them remove
/// something a reader sees no difference between parts that came one after the other, so there are as many as are
/// needed to have not much more than `most` bytes each; otherwise there is one.
inline std::vector<std::vector<group_record>> in_parts(std::vector<group_record> records, size_t most) {
  const auto removes = [](const group_record& r) {
    return std::visit(
      [](const auto& x) {
        if constexpr (requires { x.value; })
          return !x.value.has_value();
        else
          return std::visit([](const auto& y) { return !y.value.has_value(); }, x);
      },
      r);
  };
  std::vector<std::vector<group_record>> parts(1);
  if (!std::ranges::all_of(records, removes)) {
    parts.back() = std::move(records);
    return parts;
  }
  size_t bytes = 0;
  for (auto& r : records) {
    if (bytes >= most) {
      parts.emplace_back();
      bytes = 0;
    }
    bytes += encode(r).key.size() + bytes_around_a_key;
    parts.back().push_back(std::move(r));
  }
  return parts;
}

} // namespace chisme::groups
