#include "tests/sim/cluster_sim.hpp"
#include "tests/sim/seeds.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t seeds = 20, seeds_of_clusters = 200;
constexpr auto with_faults = 60s;

void run_seeds(const cluster_sim::options& o, uint64_t usual, uint64_t promises_each) {
  const auto [first, end] = seeds_to_run(usual);
  uint64_t promises = 0;
  std::chrono::milliseconds simulated{0};
  for (auto seed = first; seed < end; ++seed) {
    cluster_sim run{seed, o};
    ASSERT_EQ(run.run(with_faults), "") << how_to_run(seed);
    promises += run.promises();
    simulated += run.simulated();
  }
  ::testing::Test::RecordProperty("simulated_seconds", std::to_string(simulated.count() / 1000));
  EXPECT_GE(promises, promises_each * (end - first)) << "the clients were told too little for this to show anything";
}

TEST(cluster_sim_test, one_node_keeps_its_promises) { run_seeds({.nodes = 1}, seeds, 100); }

TEST(cluster_sim_test, a_cluster_keeps_its_promises) { run_seeds({.nodes = 3}, seeds_of_clusters, 100); }

/// Nodes that only have links.
TEST(cluster_sim_test, links_come_back) {
  run_seeds({.nodes = 5, .has_clients = false}, seeds, 0);
  run_seeds({.nodes = 3, .has_clients = false, .is_harsh = true}, seeds, 0);
}

TEST(cluster_sim_test, a_seed_replays_everything) {
  for (uint64_t seed = 1; seed <= 2; ++seed)
    for (const cluster_sim::options o : {cluster_sim::options{.nodes = 1}, {.nodes = 3, .has_clients = false}}) {
      cluster_sim once{seed, o}, again{seed, o}, other{seed + 100, o};
      EXPECT_EQ(once.run(20s), again.run(20s));
      EXPECT_EQ(once.trace(), again.trace()) << "seed " << seed;
      other.run(20s);
      EXPECT_NE(once.trace(), other.trace());
    }
}

} // namespace
} // namespace chisme::test
