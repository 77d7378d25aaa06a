// Promise P3 for groups that are upgraded and downgraded while they work: see mixed_group_sim.hpp, and seeds.hpp for how
// to run a seed alone and what becomes of one that fails.
#include "tests/sim/mixed_group_sim.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::test {
namespace {

using groups::flaw;
using groups::planted_bug;

constexpr uint64_t seeds = 2000;
constexpr uint64_t seeds_to_find_a_bug = 1000;

std::string run(uint64_t seed, planted_bug bug = planted_bug::none, flaw planted = flaw::none) {
  return mixed_group_sim{seed, bug, planted}.run();
}

TEST(mixed_group_sim_test, groups_of_both_protocols_keep_their_promises) {
  const auto [first, end] = seeds_to_run(seeds);
  int conversions = 0;
  for (auto seed = first; seed < end; ++seed) {
    mixed_group_sim sim{seed, planted_bug::none, flaw::none};
    if (only_seed())
      sim.tell_to(std::cout);
    ASSERT_EQ(sim.run(), "") << how_to_run(seed);
    conversions += sim.conversions();
  }
  if (end - first < seeds)
    return;
  EXPECT_GT(conversions, static_cast<int>(seeds)) << "the protocols do not meet";
}

class planted_in_both : public testing::TestWithParam<std::pair<planted_bug, flaw>> {};

TEST_P(planted_in_both, is_found) {
  const auto [bug, planted] = GetParam();
  for (uint64_t seed = 0; seed < seeds_to_find_a_bug; ++seed)
    if (const auto wrong = run(seed, bug, planted); !wrong.empty()) {
      RecordProperty("seed", static_cast<int>(seed));
      std::cout << "  seed " << seed << ", " << wrong << "\n";
      return;
    }
  FAIL() << "in " << seeds_to_find_a_bug << " seeds";
}

INSTANTIATE_TEST_SUITE_P(bugs, planted_in_both,
                         testing::Values(std::pair{planted_bug::assignments_are_not_converted, flaw::none},
                                         std::pair{planted_bug::conversion_is_not_written, flaw::none},
                                         std::pair{planted_bug::downgrade_counts_anew, flaw::none},
                                         std::pair{planted_bug::dissolved_groups_are_silent, flaw::none},
                                         std::pair{planted_bug::none, flaw::deaf_to_classic_members},
                                         std::pair{planted_bug::none, flaw::believes_that_joiners_gave_up},
                                         std::pair{planted_bug::none, flaw::takes_held_partitions},
                                         std::pair{planted_bug::none, flaw::frees_while_revoking},
                                         std::pair{planted_bug::none, flaw::forgets_to_log},
                                         std::pair{planted_bug::none, flaw::commits_of_any_epoch}));

} // namespace
} // namespace chisme::test
