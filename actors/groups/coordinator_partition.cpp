#include "actors/groups/coordinator_partition.hpp"

#include <cstdlib>
#include <limits>

namespace chisme::groups {

namespace {

constexpr uint32_t replacement_character = 0xfffd;

/// Takes one code point off the front; bytes that are no UTF-8 become the replacement character one by one.
uint32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<uint8_t>(text.front());
  const size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  uint32_t point = length == 1 ? first : first & (0x7fu >> length);
  bool whole = length > 0 && length <= text.size();
  for (size_t i = 1; whole && i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    whole = next >> 6 == 2;
    point = point << 6 | (next & 0x3fu);
  }
  text.remove_prefix(whole ? length : 1);
  return whole ? point : replacement_character;
}

int32_t java_hash(std::string_view text) {
  uint32_t hash = 0;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (point < 0x10000) {
      hash = hash * 31 + point;
    } else {
      hash = hash * 31 + (0xd800 + ((point - 0x10000) >> 10));
      hash = hash * 31 + (0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return static_cast<int32_t>(hash);
}

} // namespace

partition_index partition_for(std::string_view group_id, int32_t partitions) {
  const auto hash = java_hash(group_id);
  return (hash == std::numeric_limits<int32_t>::min() ? 0 : std::abs(hash)) % partitions;
}

} // namespace chisme::groups
