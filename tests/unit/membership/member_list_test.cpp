#include "actors/membership/member_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chisme::membership {
namespace {

using outcome = member_list::outcome;
using peer::member_state;

peer::member_update update(node_id id, int64_t incarnation, member_state state, uint64_t process = 5) {
  peer::member_update u;
  u.who.id = id;
  u.who.process = process;
  u.who.incarnation = incarnation;
  u.who.peer = {"n" + std::to_string(id), 9093};
  u.state = state;
  return u;
}

/// SWIM, section 4.2, and the state that it lacks: left.
TEST(member_list, a_higher_incarnation_overrules_and_within_one_the_worse_state) {
  member_list list{10};
  EXPECT_EQ(list.take(1, update(1, 3, member_state::suspect)), outcome::taken);
  EXPECT_EQ(list.take(1, update(1, 3, member_state::alive)), outcome::older);
  EXPECT_EQ(list.take(1, update(1, 2, member_state::dead)), outcome::older);
  EXPECT_EQ(list.take(1, update(1, 3, member_state::suspect)), outcome::known);
  EXPECT_EQ(list.take(1, update(1, 3, member_state::dead)), outcome::taken);
  EXPECT_EQ(list.present(), 0u);
  EXPECT_EQ(list.take(1, update(1, 3, member_state::alive)), outcome::older) << "old gossip raises no dead";
  EXPECT_EQ(list.take(1, update(1, 3, member_state::left)), outcome::taken);
  EXPECT_EQ(list.take(1, update(1, 4, member_state::alive)), outcome::taken);
  EXPECT_EQ(list.present(), 1u);
}

TEST(member_list, all_orders_lead_to_the_same) {
  std::vector<peer::member_update> all;
  for (const int64_t incarnation : {1, 2})
    for (const uint64_t process : {5, 6})
      for (const auto state : {member_state::alive, member_state::suspect, member_state::dead})
        all.push_back(update(1, incarnation, state, process));
  std::vector<size_t> order(all.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  for (int round = 0; round < 1000; ++round) {
    std::ranges::next_permutation(order);
    std::rotate(order.begin(), order.begin() + round % static_cast<int>(order.size()), order.end());
    member_list list{10};
    for (const auto i : order)
      list.take(1, all[i]);
    EXPECT_EQ(list.find(1)->who, all.back().who);
    EXPECT_EQ(list.find(1)->state, member_state::dead);
  }
}

TEST(member_list, is_bounded_and_the_one_gone_longest_makes_room) {
  member_list list{2};
  list.take(1, update(1, 1, member_state::dead));
  list.take(2, update(2, 1, member_state::left));
  EXPECT_EQ(list.take(3, update(3, 1, member_state::alive)), outcome::taken);
  EXPECT_EQ(list.find(1), nullptr);
  EXPECT_EQ(list.take(4, update(4, 1, member_state::alive)), outcome::taken);
  EXPECT_EQ(list.take(5, update(5, 1, member_state::alive)), outcome::refused);
  EXPECT_EQ(list.take(5, update(3, 2, member_state::alive)), outcome::taken);
  EXPECT_EQ(list.present(), 2u);
  list.erase(3);
  list.erase(3);
  EXPECT_EQ(list.present(), 1u);
}

TEST(member_list, hashes_tell_who_is_present_and_no_more) {
  member_list one{10}, other{10};
  one.take(1, update(1, 1, member_state::alive));
  one.take(1, update(2, 1, member_state::suspect));
  one.take(1, update(3, 1, member_state::dead));
  other.take(1, update(2, 1, member_state::alive));
  other.take(1, update(1, 1, member_state::suspect));
  EXPECT_EQ(one.sum(), other.sum()) << "doubts pass, and the gone are forgotten at different times";
  EXPECT_EQ(one.hashes(), other.hashes());
  other.take(1, update(2, 2, member_state::alive));
  EXPECT_NE(one.sum(), other.sum());
  const auto mine = one.hashes(), theirs = other.hashes();
  for (size_t b = 0; b < member_list::buckets; ++b)
    EXPECT_EQ(mine[b] != theirs[b], b == member_list::bucket_of(2));
}

TEST(member_list, what_nobody_may_say_is_invalid) {
  const auto good = update(1, 1, member_state::alive);
  EXPECT_TRUE(is_valid(good));
  const auto broken = [&](auto change) {
    auto u = good;
    change(u);
    return !is_valid(u);
  };
  EXPECT_TRUE(broken([](auto& u) { u.who.id = -1; }));
  EXPECT_TRUE(broken([](auto& u) { u.who.incarnation = 0; }));
  EXPECT_TRUE(broken([](auto& u) { u.who.incarnation = peer::max_incarnation + 1; }));
  EXPECT_TRUE(broken([](auto& u) { u.who.peer.host.clear(); }));
  EXPECT_TRUE(broken([](auto& u) { u.who.peer.host.resize(256, 'x'); }));
  EXPECT_TRUE(broken([](auto& u) { u.who.peer.port = 0; }));
  EXPECT_TRUE(broken([](auto& u) { u.who.rack.resize(256, 'x'); }));
  EXPECT_TRUE(broken([](auto& u) { u.who.clients.resize(9, {"h", 1}); }));
  EXPECT_TRUE(broken([](auto& u) { u.who.clients.resize(1); }));
  EXPECT_TRUE(broken([](auto& u) { u.state = static_cast<member_state>(4); }));
  EXPECT_TRUE(broken([](auto& u) { u.state = static_cast<member_state>(-1); }));
  EXPECT_FALSE(broken([](auto& u) { u.who.rack.resize(255, 'x'); }));
}

} // namespace
} // namespace chisme::membership
