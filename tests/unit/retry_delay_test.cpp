#include "actors/retry_delay.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace chisme {
namespace {

using std::chrono::milliseconds;

TEST(retry_delay, doubles_within_its_bounds) {
  retry_delay d{milliseconds{500}, milliseconds{1500}};
  EXPECT_EQ(d.next(), milliseconds{500});
  EXPECT_EQ(d.next(), milliseconds{1000});
  EXPECT_EQ(d.next(), milliseconds{1500});
  EXPECT_EQ(d.next(), milliseconds{1500});
  d.reset();
  EXPECT_EQ(d.next(), milliseconds{500});
}

TEST(retry_delay, is_spread_over_its_second_half) {
  std::mt19937_64 random{1};
  std::set<milliseconds> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(spread(milliseconds{7}, random()));
  EXPECT_EQ(seen, (std::set<milliseconds>{milliseconds{3}, milliseconds{4}, milliseconds{5}, milliseconds{6},
                                          milliseconds{7}}));
  EXPECT_EQ(spread(milliseconds{0}, 5), milliseconds{0});
}

} // namespace
} // namespace chisme
