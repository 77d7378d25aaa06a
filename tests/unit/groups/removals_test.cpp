#include "actors/groups/removals.hpp"

#include <gtest/gtest.h>

namespace chisme::groups {
namespace {

offset_record removal(int32_t partition) {
  return {std::string(500, 'g'), std::string(200, 't'), partition, std::nullopt};
}

std::vector<group_record> many_removals() {
  std::vector<group_record> all;
  for (int32_t i = 0; i < 100; ++i)
    all.emplace_back(removal(i));
  all.emplace_back(classic_group_record{"g", std::nullopt});
  return all;
}

TEST(removals, come_in_parts_of_the_same_order) {
  const auto all = many_removals();
  const auto parts = in_parts(all, 10'000);
  EXPECT_EQ(parts.size(), 8u);
  std::vector<group_record> again;
  for (const auto& part : parts)
    again.insert(again.end(), part.begin(), part.end());
  EXPECT_EQ(again, all);
}

TEST(removals, stay_together_where_something_else_is_decided_with_them) {
  auto all = many_removals();
  all.emplace_back(offset_record{"g", "t", 0, committed_offset{}});
  EXPECT_EQ(in_parts(all, 10'000).size(), 1u);
}

/// Thousands of members of a group that is deleted have thousands of keys.
TEST(removals, of_one_group_come_in_parts_too) {
  std::vector<group_record> all(50, group_record{classic_group_record{std::string(1000, 'g'), std::nullopt}});
  EXPECT_EQ(in_parts(all, 10'000).size(), 5u);
}

} // namespace
} // namespace chisme::groups
