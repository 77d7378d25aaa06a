#include "tests/sim/consumer_group_model.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::testing {
namespace {

constexpr uint64_t seeds = 3'000;
constexpr uint64_t enough_seeds_for_a_flaw = 300;

TEST(consumer_group_sim_test, no_partition_has_two_owners_and_all_comes_to_rest) {
  const auto [first, end] = test::seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed)
    ASSERT_EQ(consumer_group_run{seed}.run(), "") << test::how_to_run(seed);
}

class planted_flaw_test : public ::testing::TestWithParam<flaw> {};

TEST_P(planted_flaw_test, is_found) {
  for (uint64_t seed = 1; seed <= enough_seeds_for_a_flaw; ++seed)
    if (const auto wrong = consumer_group_run{seed, GetParam()}.run(); !wrong.empty()) {
      RecordProperty("seed", std::to_string(seed));
      RecordProperty("found", wrong);
      return;
    }
  FAIL() << "the simulation does not see it";
}

INSTANTIATE_TEST_SUITE_P(consumer_group, planted_flaw_test,
                         ::testing::Values(flaw::takes_held_partitions, flaw::believes_in_revocation,
                                           flaw::believes_late_requests, flaw::frees_while_revoking,
                                           flaw::forgets_to_log, flaw::keeps_the_leaver, flaw::no_new_epoch_on_leave,
                                           flaw::shares_instance_ids, flaw::deaf_to_heartbeats,
                                           flaw::never_ends_rebalances, flaw::restless, flaw::commits_of_any_epoch));

} // namespace
} // namespace chisme::testing
