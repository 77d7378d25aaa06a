// Deadlines of groups and of members.
#include "actors/groups/member_deadlines.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

using testing::ElementsAre;

std::vector<std::string> take_all(deadlines<std::string>& from, timestamp_ms now) {
  std::vector<std::string> keys;
  while (auto key = from.take_due(now))
    keys.push_back(*key);
  return keys;
}

TEST(deadlines, come_in_the_order_of_their_times_then_of_their_keys) {
  deadlines<std::string> d;
  d.set("c", 10);
  d.set("b", 20);
  d.set("a", 20);
  d.set("later", 21);
  EXPECT_EQ(d.next(), 10);
  EXPECT_THAT(take_all(d, 20), ElementsAre("c", "a", "b"));
  EXPECT_EQ(d.next(), 21);
}

TEST(deadlines, a_key_has_one_deadline_the_last_that_was_set) {
  deadlines<std::string> d;
  d.set("a", 10);
  d.set("b", 15);
  d.set("a", 20);
  d.set("b", 5);
  d.set("b", 5);
  EXPECT_THAT(take_all(d, 19), ElementsAre("b"));
  EXPECT_THAT(take_all(d, 20), ElementsAre("a"));
  EXPECT_EQ(d.next(), std::nullopt);
}

TEST(deadlines, what_was_cancelled_never_comes) {
  deadlines<std::string> d;
  d.set("a", 10);
  d.set("b", 10);
  d.cancel("a");
  d.set("b", std::nullopt);
  d.cancel("unknown");
  EXPECT_EQ(d.next(), std::nullopt);
  d.set("a", std::optional<timestamp_ms>{30});
  EXPECT_THAT(take_all(d, 30), ElementsAre("a"));
}

TEST(deadlines, move_with_their_owner) {
  deadlines<std::string> d;
  d.set("a", 10);
  auto moved = std::move(d);
  moved.set("a", 20);
  moved.set("b", 5);
  EXPECT_THAT(take_all(moved, 20), ElementsAre("b", "a"));
}

TEST(member_deadlines, a_member_is_due_when_the_first_of_its_two_is) {
  member_deadlines d;
  d.set_session("a", 45);
  d.set_session("b", 50);
  d.set_rebalance("b", 40);
  EXPECT_EQ(d.next(), 40);
  EXPECT_EQ(d.due(39), std::nullopt);
  EXPECT_EQ(d.due(40), "b");
  d.set_rebalance("b", std::nullopt);
  EXPECT_EQ(d.due(49), "a");
  d.set_session("a", 90);
  EXPECT_EQ(d.due(50), "b");
}

TEST(member_deadlines, those_of_one_time_come_in_the_order_of_their_names) {
  member_deadlines d;
  d.set_session("b", 10);
  d.set_rebalance("a", 10);
  EXPECT_EQ(d.due(10), "a");
  d.set_session("a", 5);
  d.set_rebalance("b", 5);
  EXPECT_EQ(d.due(10), "a");
}

TEST(member_deadlines, an_erased_member_has_neither) {
  member_deadlines d;
  d.set_session("", 10);
  d.set_rebalance("", 20);
  ASSERT_EQ(d.due(10), "");
  d.erase(std::string{*d.due(10)});
  EXPECT_EQ(d.next(), std::nullopt);
  d.set_rebalance("a", 5);
  d.clear();
  EXPECT_EQ(d.next(), std::nullopt);
}

} // namespace
} // namespace chisme::groups
