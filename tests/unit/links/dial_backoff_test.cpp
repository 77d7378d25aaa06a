#include "actors/links/dial_backoff.hpp"

#include <gtest/gtest.h>

namespace chisme::links {
namespace {

using std::chrono::milliseconds;

/// spread() gives all of the delay for it where the delay is even.
uint64_t longest_of(milliseconds delay) { return static_cast<uint64_t>(delay.count() / 2); }

TEST(dial_backoff, waits_twice_as_long_each_time_up_to_five_seconds) {
  dial_backoff b;
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 5000, 5000})
    EXPECT_EQ(b.next(failure::unreachable, longest_of(milliseconds{expected})), milliseconds{expected});
  b.reset();
  EXPECT_EQ(b.next(failure::unreachable, 0), milliseconds{50}) << "half of it at least";
}

TEST(dial_backoff, who_was_refused_is_slow_at_once) {
  dial_backoff b;
  EXPECT_EQ(b.next(failure::refused, longest_of(dial_backoff::longest)), milliseconds{5000});
  EXPECT_EQ(b.next(failure::refused, 0), milliseconds{2500});
  EXPECT_EQ(b.next(failure::unreachable, 50), milliseconds{100}) << "it is another thing";
}

TEST(dial_backoff, the_same_words_are_news_once) {
  dial_backoff b;
  EXPECT_TRUE(b.is_news("no route"));
  EXPECT_FALSE(b.is_news("no route"));
  EXPECT_TRUE(b.is_news("refused"));
  b.reset();
  EXPECT_FALSE(b.is_news("refused")) << "that somebody says it is back does not make it news";
  b.answered();
  EXPECT_TRUE(b.is_news("refused"));
}

} // namespace
} // namespace chisme::links
