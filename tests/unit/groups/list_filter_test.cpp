#include "actors/groups/list_filter.hpp"

#include "actors/groups/classic_group.hpp"
#include "actors/groups/consumer_group.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A new state has to be added to the words.
TEST(list_filter, knows_every_state) {
  using enum classic_state;
  for (auto s : {empty, preparing_rebalance, completing_rebalance, stable})
    EXPECT_THAT(listed_words, ::testing::Contains(to_string(s)));
  for (auto s : {consumer_group_status::empty, consumer_group_status::assigning, consumer_group_status::reconciling,
                 consumer_group_status::stable, consumer_group_status::dead})
    EXPECT_THAT(listed_words, ::testing::Contains(to_string(s)));
}

TEST(list_filter, stays_short_whatever_is_asked) {
  std::vector<std::string> words(100'000, "stable");
  words.insert(words.end(), 100'000, "no such state");
  words.emplace_back("EMPTY");
  EXPECT_THAT(shortened(words), ElementsAre("Empty", "Stable"));
}

TEST(list_filter, without_words_lets_everything_through_and_without_known_words_nothing) {
  EXPECT_THAT(shortened({}), IsEmpty());
  EXPECT_THAT(shortened({"no such state", ""}), ElementsAre(""));
}

} // namespace
} // namespace chisme::groups
