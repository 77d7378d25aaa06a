// Two processes that have one node id, at two addresses.
#include "tests/support/gossip_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using peer::member_state;
using testing::IsEmpty;
using testing::Not;

const peer::address elsewhere{"elsewhere", 9093};

class membership_conflict : public testing::Test {
protected:
  membership_conflict() {
    for (node_id id = 1; id <= 3; ++id)
      world.start(id, {1, 2, 3});
    world.run_for(3'000);
  }
  bool all_others_know(const gossip_world::process& third) {
    return std::ranges::all_of(std::vector<node_id>{1, 2}, [&](node_id id) {
      const auto& members = world.at(id).machine.members();
      const auto i = members.find(3);
      return i != members.end() && i->second.state == member_state::alive &&
             i->second.who.process == third.machine.self().process;
    });
  }

  gossip_world world{1, {}};
};

TEST_F(membership_conflict, the_first_one_keeps_the_id_and_everybody_who_sees_both_names_both) {
  const auto& first = world.at(3);
  const auto& second = world.start(3, {1, 2}, elsewhere);
  world.run_for(20'000);
  EXPECT_TRUE(all_others_know(first));
  EXPECT_TRUE(first.machine.has_joined());
  EXPECT_FALSE(second.machine.has_joined());
  const membership::output::conflict expected{3, first.at, elsewhere};
  for (const auto& [at, p] : world.processes()) {
    EXPECT_THAT(p->conflicts, Not(IsEmpty())) << at.host;
    EXPECT_LE(p->conflicts.size(), 2u) << at.host << " does not say it again and again";
    for (const auto& c : p->conflicts)
      EXPECT_EQ(c, expected) << at.host;
  }
  for (const node_id id : {1, 2})
    for (const auto& e : world.at(id).events)
      EXPECT_NE(e.what, membership::output::member_event::dead);
}

TEST_F(membership_conflict, the_second_one_takes_over_when_the_first_one_is_dead) {
  auto& second = world.start(3, {1, 2}, elsewhere);
  world.run_for(5'000);
  ASSERT_FALSE(second.machine.has_joined());
  world.crash(gossip_world::address_of(3), true);
  EXPECT_TRUE(world.comes_true(5'000, [&] { return all_others_know(second); }));
  EXPECT_TRUE(second.machine.has_joined());
}

/// A node that was moved: nobody answers at the old address.
TEST_F(membership_conflict, a_node_that_starts_elsewhere_replaces_what_has_crashed_and_is_no_conflict) {
  world.crash(gossip_world::address_of(3), false);
  auto& second = world.start(3, {1, 2}, elsewhere);
  EXPECT_TRUE(world.comes_true(5'000, [&] { return all_others_know(second); }));
  for (const auto& [at, p] : world.processes())
    EXPECT_THAT(p->conflicts, IsEmpty()) << at.host;
}

/// The first one was cut off and thought dead; when it is back, its id has gone to another one.
TEST_F(membership_conflict, who_was_thought_dead_and_was_replaced_gives_way) {
  auto& first = world.at(3);
  for (const auto& other : {gossip_world::address_of(1), gossip_world::address_of(2), elsewhere}) {
    world.block(first.at, other);
    world.block(other, first.at);
  }
  auto& second = world.start(3, {1, 2}, elsewhere);
  ASSERT_TRUE(world.comes_true(10'000, [&] { return all_others_know(second); }));
  world.unblock_all();
  world.run_for(20'000);
  EXPECT_TRUE(all_others_know(second));
  EXPECT_FALSE(first.machine.has_joined());
  EXPECT_THAT(first.conflicts, Not(IsEmpty()));
}

/// Both sides think the other one dead, and find each other again: the dead are tried now and then.
TEST_F(membership_conflict, two_halves_become_one_again) {
  world.start(4, {1, 2, 3});
  world.run_for(3'000);
  for (const node_id a : {1, 2})
    for (const node_id b : {3, 4}) {
      world.block(gossip_world::address_of(a), gossip_world::address_of(b));
      world.block(gossip_world::address_of(b), gossip_world::address_of(a));
    }
  world.run_for(10'000);
  for (const node_id b : {3, 4})
    EXPECT_TRUE(gossip_world::believes(world.at(1), b, member_state::dead));
  for (const node_id a : {1, 2})
    EXPECT_TRUE(gossip_world::believes(world.at(4), a, member_state::dead));
  world.unblock_all();
  EXPECT_TRUE(world.comes_true(20'000, [&] {
    return std::ranges::all_of(world.processes(), [](const auto& p) {
      return std::ranges::all_of(p.second->machine.members(),
                                 [](const auto& m) { return m.second.state == member_state::alive; });
    });
  }));
}

} // namespace
} // namespace chisme::test
