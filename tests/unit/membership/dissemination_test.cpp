#include "actors/membership/dissemination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::membership {
namespace {

using peer::member_state;
using testing::ElementsAre;
using testing::IsEmpty;

peer::member_update update(node_id id, member_state state = member_state::alive, node_id by = -1) {
  peer::member_update u;
  u.who.id = id;
  u.who.peer = {"host", 1};
  u.state = state;
  u.suspected_by = by;
  return u;
}

std::vector<node_id> taken(dissemination& news, size_t bytes = 10'000, size_t members = 3) {
  byte_budget budget{bytes};
  peer::gossip out;
  news.take(members, budget, out);
  std::vector<node_id> ids;
  for (const auto& u : out.members)
    ids.push_back(u.who.id);
  for (const auto& c : out.claims)
    ids.push_back(1000 + c.partition);
  return ids;
}

TEST(dissemination, the_least_sent_go_first_and_of_these_the_newest) {
  dissemination news{3};
  news.put(update(1));
  EXPECT_THAT(taken(news), ElementsAre(1));
  news.put(update(2));
  news.put(update(3));
  EXPECT_THAT(taken(news), ElementsAre(3, 2, 1));
}

TEST(dissemination, each_is_sent_lambda_times_log2_n_times) {
  dissemination news{3};
  news.put(update(1));
  for (int i = 0; i < 6; ++i)
    EXPECT_THAT(taken(news), ElementsAre(1)) << i;
  EXPECT_THAT(taken(news), IsEmpty());
  EXPECT_TRUE(news.empty());
  EXPECT_EQ(news.limit(3), 6);
  EXPECT_EQ(news.limit(500), 27);
}

TEST(dissemination, what_does_not_fit_goes_with_the_next_message) {
  dissemination news{3};
  news.put(update(1));
  news.put(update(2));
  const auto one = bytes_of(update(1));
  EXPECT_THAT(taken(news, one), ElementsAre(2));
  EXPECT_THAT(taken(news, one), ElementsAre(1));
  EXPECT_THAT(taken(news, one - 1), IsEmpty());
}

TEST(dissemination, of_one_member_the_last_news_count_and_are_sent_anew) {
  dissemination news{1};
  news.put(update(1));
  EXPECT_THAT(taken(news), ElementsAre(1));
  news.put(update(1, member_state::suspect, 2));
  news.put(update(1, member_state::dead));
  byte_budget budget{10'000};
  peer::gossip out;
  news.take(3, budget, out);
  EXPECT_THAT(out.members, ElementsAre(update(1, member_state::dead)));
}

TEST(dissemination, who_else_suspects_a_member_is_told_beside_the_first) {
  dissemination news{3};
  news.put(update(1, member_state::suspect, 2));
  news.confirm(update(1, member_state::suspect, 3));
  byte_budget budget{10'000};
  peer::gossip out;
  news.take(3, budget, out);
  EXPECT_THAT(out.members, ElementsAre(update(1, member_state::suspect, 3), update(1, member_state::suspect, 2)));
  news.forget(1);
  EXPECT_TRUE(news.empty());
}

TEST(dissemination, members_go_before_claims_and_forgotten_claims_do_not_go) {
  dissemination news{3};
  uuid topic;
  topic.bytes[0] = 1;
  news.put(update(1));
  news.put(peer::leader_claim{topic, 7, 1, 1});
  news.put(peer::leader_claim{topic, 8, 1, 1});
  EXPECT_THAT(taken(news), ElementsAre(1, 1008, 1007));
  news.forget({topic, 8});
  EXPECT_THAT(taken(news), ElementsAre(1, 1007));
}

} // namespace
} // namespace chisme::membership
