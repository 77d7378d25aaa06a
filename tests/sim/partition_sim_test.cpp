#include "tests/sim/partition_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 1000;
constexpr int steps_per_seed = 250;

TEST(partition_sim_test, what_clients_were_told_stays_true) {
  const auto [first, end] = seeds_to_run(seeds);
  uint64_t promises = 0;
  for (auto seed = first; seed < end; ++seed) {
    partition_sim run{seed};
    ASSERT_EQ(run.run(steps_per_seed), "") << how_to_run(seed);
    promises += run.promises();
  }
  EXPECT_GT(promises, 10 * (end - first)) << "the clients were told too little for this to show anything";
}

} // namespace
} // namespace chisme::test
