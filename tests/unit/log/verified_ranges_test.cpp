#include "actors/log/verified_ranges.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace chisme::log {
namespace {

TEST(verified_ranges, says_up_to_where) {
  verified_ranges r;
  EXPECT_EQ(r.until(5), 5u);
  r.add(10, 20);
  EXPECT_EQ(r.until(9), 9u);
  EXPECT_EQ(r.until(10), 20u);
  EXPECT_EQ(r.until(19), 20u);
  EXPECT_EQ(r.until(20), 20u);
  r.add(20, 30);
  EXPECT_EQ(r.until(10), 30u) << "ranges that touch are one";
  r.add(7, 7);
  EXPECT_EQ(r.until(7), 7u);
}

TEST(verified_ranges, agrees_with_a_plain_set_of_positions) {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    verified_ranges r;
    std::vector<bool> whole(128, false);
    for (size_t i = 0; i < verified_ranges::most; ++i) {
      const uint64_t begin = random() % 120;
      const uint64_t end = begin + random() % 8;
      r.add(begin, end);
      for (auto at = begin; at < end; ++at)
        whole[at] = true;
      for (uint64_t at = 0; at < whole.size(); ++at) {
        auto end_of = at;
        while (end_of < whole.size() && whole[end_of])
          ++end_of;
        ASSERT_EQ(r.until(at), end_of) << "round " << round << " at " << at;
      }
    }
  }
}

TEST(verified_ranges, the_smallest_goes_where_there_are_too_many) {
  verified_ranges r;
  for (uint64_t i = 0; i < verified_ranges::most; ++i)
    r.add(i * 100, i * 100 + 50);
  r.add(5'000, 5'001);
  EXPECT_EQ(r.until(5'000), 5'000u);
  EXPECT_EQ(r.until(0), 50u);
}

} // namespace
} // namespace chisme::log
