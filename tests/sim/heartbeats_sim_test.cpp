#include "tests/sim/heartbeats_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 300;

TEST(heartbeats_sim_test, no_belief_outlives_what_it_stands_on_and_all_come_to_know_the_truth) {
  const auto [first, end] = seeds_to_run(seeds);
  uint64_t lost = 0;
  uint64_t restarts = 0;
  for (auto seed = first; seed < end; ++seed) {
    heartbeats_sim run{seed, only_seed().has_value()};
    ASSERT_EQ(run.run(), "") << how_to_run(seed);
    lost += run.beliefs_lost();
    restarts += run.restarts_told();
  }
  if (only_seed())
    return;
  EXPECT_GT(lost, 2 * (end - first)) << "too little happened for this to show anything";
  EXPECT_GT(restarts, end - first);
}

TEST(heartbeats_sim_test, the_same_seed_is_the_same_run) {
  heartbeats_sim one{7};
  heartbeats_sim again{7};
  heartbeats_sim other{8};
  one.run();
  again.run();
  other.run();
  EXPECT_EQ(one.trace_hash(), again.trace_hash());
  EXPECT_NE(one.trace_hash(), other.trace_hash());
}

} // namespace
} // namespace chisme::test
