// Promise P3, in any order of events: see group_sim.hpp, and seeds.hpp for how to run a seed alone and what becomes of
// one that fails.
#include "tests/sim/group_sim.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 3000;

TEST(group_sim_test, groups_keep_their_promises) {
  const auto [first, end] = seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed) {
    group_sim sim{seed};
    if (only_seed())
      sim.tell_to(std::cout);
    ASSERT_EQ(sim.run(), "") << how_to_run(seed);
  }
}

} // namespace
} // namespace chisme::test
