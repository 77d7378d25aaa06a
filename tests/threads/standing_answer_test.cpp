// The right to repeat an answer is used on io threads and taken back on the coordinator's.
#include "actors/groups/standing_answer.hpp"

#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

namespace chisme::groups {
namespace {

/// A member that was heard before it was taken back, and that the coordinator does not know of, would lose its session.
TEST(standing_answer_threads, what_was_repeated_is_known_to_who_takes_it_back) {
  for (int round = 0; round < 2000; ++round) {
    standing_answer answer;
    timestamp_ms last = 0;
    std::optional<timestamp_ms> known;
    test::together(2, [&](int i) {
      if (i == 0) {
        for (timestamp_ms now = 1; answer.repeat(now); ++now)
          last = now;
      } else {
        answer.revoke();
        known = answer.last_heard();
      }
    });
    EXPECT_GE(known.value_or(0), last);
    EXPECT_FALSE(answer.repeat(1));
  }
}

} // namespace
} // namespace chisme::groups
