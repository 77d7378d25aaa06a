#include "tests/sim/consumer_group_model.hpp"

#include <cstdlib>

namespace chisme::testing {
namespace {

constexpr uint64_t default_seeds = 3'000;
constexpr uint64_t enough_seeds_for_a_flaw = 300;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(consumer_group_sim_test, no_partition_has_two_owners_and_all_comes_to_rest) {
  const auto only = from_environment("CHISME_SEED", 0);
  const auto last = only ? only : from_environment("CHISME_SEEDS", default_seeds);
  for (auto seed = only ? only : 1; seed <= last; ++seed)
    ASSERT_EQ(consumer_group_run{seed}.run(), "") << "run again with CHISME_SEED=" << seed;
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
                                           flaw::forgets_to_log, flaw::keeps_the_leaver,
                                           flaw::no_new_epoch_on_leave, flaw::shares_instance_ids,
                                           flaw::deaf_to_heartbeats, flaw::never_ends_rebalances,
                                           flaw::restless));

} // namespace
} // namespace chisme::testing
