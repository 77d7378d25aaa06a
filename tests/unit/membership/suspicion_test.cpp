#include "actors/membership/local_health.hpp"
#include "actors/membership/probe_order.hpp"
#include "actors/membership/suspicion.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace chisme::membership {
namespace {

constexpr suspicion_bounds three{300, 1800, 3};

TEST(suspicion, lasts_long_while_one_member_alone_says_so) {
  const suspicion s{1000, 1, three};
  EXPECT_EQ(s.deadline(), 2800);
}

TEST(suspicion, each_confirmation_shortens_it_less_than_the_one_before) {
  suspicion s{1000, 1, three};
  EXPECT_TRUE(s.confirm(2));
  EXPECT_EQ(s.deadline(), 1000 + 1800 - 750) << "log 2 / log 4 is a half";
  EXPECT_TRUE(s.confirm(3));
  EXPECT_EQ(s.deadline(), 1000 + 1800 - 1189) << "log 3 / log 4";
  EXPECT_TRUE(s.confirm(4));
  EXPECT_EQ(s.deadline(), 1300);
}

TEST(suspicion, who_repeats_himself_and_who_is_nobody_confirm_nothing) {
  suspicion s{1000, 1, three};
  EXPECT_FALSE(s.confirm(1));
  EXPECT_TRUE(s.confirm(2));
  EXPECT_FALSE(s.confirm(2));
  EXPECT_FALSE(s.confirm(-1));
  EXPECT_EQ(s.deadline(), 2050);
}

TEST(suspicion, more_than_enough_change_nothing) {
  suspicion s{1000, 1, three};
  for (node_id id = 2; id <= 4; ++id)
    EXPECT_TRUE(s.confirm(id));
  EXPECT_FALSE(s.confirm(5));
  EXPECT_EQ(s.deadline(), 1300);
}

TEST(suspicion, is_short_where_nobody_could_confirm) {
  suspicion s{1000, 1, {300, 1800, 0}};
  EXPECT_EQ(s.deadline(), 1300);
  EXPECT_FALSE(s.confirm(2));
}

TEST(suspicion, is_put_off_by_what_this_node_was_not_run) {
  suspicion s{1000, 1, three};
  s.put_off(500);
  EXPECT_EQ(s.deadline(), 3300);
}

TEST(local_health, multiplies_by_one_to_the_worst_and_one) {
  local_health h{8};
  EXPECT_EQ(h.multiplier(), 1);
  h.better();
  EXPECT_EQ(h.multiplier(), 1);
  h.worse();
  h.worse(3);
  EXPECT_EQ(h.multiplier(), 5);
  h.better();
  EXPECT_EQ(h.multiplier(), 4);
  h.worse(100);
  EXPECT_EQ(h.multiplier(), 9);
}

TEST(probe_order, nobody_waits_for_more_than_two_rounds) {
  random_source random{1};
  probe_order order;
  EXPECT_EQ(order.next(random), std::nullopt);
  for (node_id id = 0; id < 10; ++id)
    order.add(id, random);
  std::map<node_id, int> last;
  for (int i = 0; i < 1000; ++i) {
    const auto id = *order.next(random);
    EXPECT_LT(i - (last.contains(id) ? last[id] : 0), 20) << id;
    last[id] = i;
  }
  EXPECT_EQ(last.size(), 10u);
}

TEST(probe_order, a_round_has_everybody_once_whoever_comes_and_goes) {
  random_source random{2};
  probe_order order;
  for (node_id id = 0; id < 6; ++id)
    order.add(id, random);
  order.add(3, random);
  EXPECT_EQ(order.ids().size(), 6u);
  std::set<node_id> seen;
  for (int i = 0; i < 3; ++i)
    seen.insert(*order.next(random));
  EXPECT_EQ(seen.size(), 3u);
  for (node_id id = 0; id < 6; ++id)
    if (!seen.contains(id)) {
      order.remove(id);
      break;
    }
  order.remove(99);
  seen.insert(*order.next(random));
  seen.insert(*order.next(random));
  EXPECT_EQ(seen.size(), 5u) << "the removal of one that was not asked skips nobody";
}

} // namespace
} // namespace chisme::membership
