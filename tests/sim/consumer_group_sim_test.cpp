#include "tests/sim/consumer_group_model.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::testing {
namespace {

constexpr uint64_t seeds = 3'000;

TEST(consumer_group_sim_test, no_partition_has_two_owners_and_all_comes_to_rest) {
  const auto [first, end] = test::seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed)
    ASSERT_EQ(consumer_group_run{seed}.run(), "") << test::how_to_run(seed);
}

} // namespace
} // namespace chisme::testing
