#include "actors/heartbeats/unacknowledged.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::heartbeats {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

peer::heartbeat_entry entry(int32_t partition, offset_t commit = 0) {
  return {{uuid{{1}}, partition}, 1, commit, true};
}

TEST(unacknowledged_test, an_entry_is_in_each_message_until_one_that_carried_it_is_acknowledged) {
  unacknowledged news;
  news.put(entry(1));
  EXPECT_THAT(news.carry(1, 10), ElementsAre(entry(1)));
  EXPECT_THAT(news.carry(2, 10), ElementsAre(entry(1)));
  news.acknowledge(1, 10);
  EXPECT_THAT(news.carry(3, 10), IsEmpty());
  EXPECT_EQ(news.size(), 0u);
}

TEST(unacknowledged_test, what_was_acknowledged_before_it_was_carried_is_still_news) {
  unacknowledged news;
  news.put(entry(1));
  news.acknowledge(5, 10);
  EXPECT_THAT(news.carry(6, 10), ElementsAre(entry(1)));
  news.acknowledge(5, 10);
  EXPECT_THAT(news.carry(7, 10), ElementsAre(entry(1)));
  news.acknowledge(7, 10);
  EXPECT_EQ(news.size(), 0u);
}

TEST(unacknowledged_test, a_newer_value_is_not_acknowledged_by_a_message_that_carried_an_older_one) {
  unacknowledged news;
  news.put(entry(1, 10));
  news.carry(1, 10);
  news.put(entry(1, 20));
  EXPECT_EQ(news.size(), 1u);
  news.acknowledge(1, 10);
  EXPECT_THAT(news.carry(2, 10), ElementsAre(entry(1, 20)));
  news.acknowledge(2, 10);
  EXPECT_EQ(news.size(), 0u);
}

TEST(unacknowledged_test, what_does_not_fit_comes_behind_what_was_acknowledged) {
  unacknowledged news;
  for (int32_t i = 1; i <= 5; ++i)
    news.put(entry(i));
  EXPECT_THAT(news.carry(1, 2), ElementsAre(entry(1), entry(2)));
  EXPECT_THAT(news.carry(2, 2), ElementsAre(entry(1), entry(2))) << "1 may be lost: 2 has all that 1 has";
  news.acknowledge(2, 2);
  EXPECT_THAT(news.carry(3, 2), ElementsAre(entry(3), entry(4)));
  news.acknowledge(3, 2);
  EXPECT_THAT(news.carry(4, 2), ElementsAre(entry(5)));
}

TEST(unacknowledged_test, an_acknowledgement_of_a_later_message_holds_for_all_that_it_carried) {
  unacknowledged news;
  news.put(entry(1));
  news.carry(1, 10);
  news.put(entry(2));
  news.carry(2, 10);
  news.put(entry(3));
  news.carry(3, 10);
  news.acknowledge(2, 10);
  EXPECT_THAT(news.carry(4, 10), ElementsAre(entry(3)));
}

TEST(unacknowledged_test, a_changed_entry_keeps_its_place_and_others_theirs) {
  unacknowledged news;
  news.put(entry(1));
  news.put(entry(2));
  news.put(entry(1, 7));
  EXPECT_THAT(news.carry(1, 1), ElementsAre(entry(1, 7))) << "who changes all the time is not put off for ever";
  news.acknowledge(1, 1);
  EXPECT_THAT(news.carry(2, 1), ElementsAre(entry(2)));
}

TEST(unacknowledged_test, nothing_is_left_of_what_is_cleared) {
  unacknowledged news;
  news.put(entry(1));
  news.carry(1, 10);
  news.clear();
  EXPECT_EQ(news.size(), 0u);
  EXPECT_THAT(news.carry(2, 10), IsEmpty());
  news.put(entry(1));
  EXPECT_THAT(news.carry(3, 10), ElementsAre(entry(1)));
}

} // namespace
} // namespace chisme::heartbeats
