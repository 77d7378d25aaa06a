// Promise P3, in any order of events: see group_sim.hpp, and seeds.hpp for how to run a seed alone and what becomes of
// one that fails.
#include "tests/sim/group_sim.hpp"
#include "tests/sim/seeds.hpp"

namespace chisme::test {
namespace {

using groups::planted_bug;

constexpr uint64_t seeds = 3000;
constexpr uint64_t seeds_to_find_a_bug = 1500;

std::string run(uint64_t seed, planted_bug bug = planted_bug::none) { return group_sim{seed, bug}.run(); }

TEST(group_sim_test, groups_keep_their_promises) {
  const auto [first, end] = seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed) {
    group_sim sim{seed, planted_bug::none};
    if (only_seed())
      sim.tell_to(std::cout);
    ASSERT_EQ(sim.run(), "") << how_to_run(seed);
  }
}

class planted : public testing::TestWithParam<planted_bug> {};

TEST_P(planted, is_found) {
  for (uint64_t seed = 0; seed < seeds_to_find_a_bug; ++seed)
    if (const auto wrong = run(seed, GetParam()); !wrong.empty()) {
      RecordProperty("seed", static_cast<int>(seed));
      std::cout << "  seed " << seed << ", " << wrong << "\n";
      return;
    }
  FAIL() << "in " << seeds_to_find_a_bug << " seeds";
}

INSTANTIATE_TEST_SUITE_P(bugs, planted,
                         testing::Values(planted_bug::commits_of_any_generation, planted_bug::replaced_members_stay,
                                         planted_bug::syncs_of_any_generation, planted_bug::generation_stands_still,
                                         planted_bug::generation_is_not_written, planted_bug::assignment_is_not_written,
                                         planted_bug::commit_is_not_written, planted_bug::replacement_is_not_written,
                                         planted_bug::parked_syncs_are_forgotten, planted_bug::joins_are_answered_twice,
                                         planted_bug::sessions_never_end, planted_bug::stragglers_stay,
                                         planted_bug::pending_ids_never_end, planted_bug::old_assignment_is_kept,
                                         planted_bug::offsets_go_with_the_topic, planted_bug::members_are_not_loaded,
                                         planted_bug::expiry_ignores_the_group, planted_bug::topics_are_known_by_name));

} // namespace
} // namespace chisme::test
