#include "tests/sim/raft_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 200;

TEST(raft_sim_test, what_is_committed_stays_and_all_replicas_agree) {
  const auto [first, end] = seeds_to_run(seeds);
  uint64_t acknowledged = 0;
  uint64_t steps = 0;
  std::map<std::string, uint64_t> happened;
  for (auto seed = first; seed < end; ++seed) {
    raft_sim run{seed};
    ASSERT_EQ(run.run(), "") << how_to_run(seed);
    acknowledged += run.acknowledged();
    steps += run.steps();
    for (const auto& [what, count] : run.happened())
      happened[what] += count;
  }
  EXPECT_GT(acknowledged, 20 * (end - first)) << "the clients were told too little for this to show anything";
  std::cout << end - first << " seeds, " << steps << " steps, " << acknowledged << " writes acknowledged";
  for (const auto& [what, count] : happened)
    std::cout << ", " << count << " " << what;
  std::cout << "\n";
  if (end - first < 100)
    return;
  // A storm that is none shows nothing.
  for (const auto* what : {"truncations", "resets", "marks with a configuration", "transfers", "retentions",
                           "disks lost and replicas taken in anew"})
    EXPECT_GT(happened[what], 0u) << what;
}

TEST(raft_sim_test, the_same_seed_is_the_same_run) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    raft_sim one{seed};
    raft_sim other{seed};
    raft_sim next{seed + 1};
    ASSERT_EQ(one.run(), "");
    ASSERT_EQ(other.run(), "");
    ASSERT_EQ(next.run(), "");
    EXPECT_EQ(one.trace_hash(), other.trace_hash());
    EXPECT_NE(one.trace_hash(), next.trace_hash());
  }
}

} // namespace
} // namespace chisme::test
