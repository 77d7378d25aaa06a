#include "tests/sim/membership_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 200;
constexpr int steps_per_seed = 80;

TEST(membership_sim_test, what_is_known_only_grows_and_all_come_to_know_the_truth) {
  const auto [first, end] = seeds_to_run(seeds);
  uint64_t happenings = 0;
  for (auto seed = first; seed < end; ++seed) {
    membership_sim run{seed};
    ASSERT_EQ(run.run(steps_per_seed), "") << how_to_run(seed);
    happenings += run.happenings();
  }
  EXPECT_GT(happenings, 10 * (end - first)) << "too little happened for this to show anything";
}

} // namespace
} // namespace chisme::test
