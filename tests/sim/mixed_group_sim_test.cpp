// Promise P3 for groups that are upgraded and downgraded while they work: see mixed_group_sim.hpp, and seeds.hpp for
// how to run a seed alone and what becomes of one that fails.
#include "tests/sim/mixed_group_sim.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 2000;

TEST(mixed_group_sim_test, groups_of_both_protocols_keep_their_promises) {
  const auto [first, end] = seeds_to_run(seeds);
  int conversions = 0;
  for (auto seed = first; seed < end; ++seed) {
    mixed_group_sim sim{seed};
    if (only_seed())
      sim.tell_to(std::cout);
    ASSERT_EQ(sim.run(), "") << how_to_run(seed);
    conversions += sim.conversions();
  }
  if (end - first < seeds)
    return;
  EXPECT_GT(conversions, static_cast<int>(seeds)) << "the protocols do not meet";
}

} // namespace
} // namespace chisme::test
