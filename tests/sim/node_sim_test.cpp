#include "tests/sim/node_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 200;
constexpr int steps_per_seed = 600;

TEST(node_sim_test, what_clients_were_told_stays_true) {
  const auto [first, end] = seeds_to_run(seeds);
  uint64_t promises = 0;
  std::chrono::milliseconds simulated{0};
  for (auto seed = first; seed < end; ++seed) {
    node_sim run{seed};
    ASSERT_EQ(run.run(steps_per_seed), "") << how_to_run(seed);
    promises += run.promises();
    simulated += run.simulated();
  }
  RecordProperty("simulated_seconds", std::to_string(simulated.count() / 1000));
  EXPECT_GT(promises, 50 * (end - first)) << "the clients were told too little for this to show anything";
}

TEST(node_sim_test, a_seed_replays_everything) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    node_sim once{seed}, again{seed}, other{seed + 100};
    EXPECT_EQ(once.run(steps_per_seed), again.run(steps_per_seed));
    EXPECT_EQ(once.trace(), again.trace()) << "seed " << seed;
    other.run(steps_per_seed);
    EXPECT_NE(once.trace(), other.trace());
  }
}

} // namespace
} // namespace chisme::test
