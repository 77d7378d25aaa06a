// Who owes an answer, who drops it and who waits for it are on different threads.
#include "actors/reply.hpp"

#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

namespace chisme {
namespace {

struct answer {
  int of = 0;
  static answer lost() { return {-1}; }
};

TEST(reply_threads, is_answered_once_however_many_answer_and_drop_it) {
  for (int round = 0; round < 1000; ++round) {
    std::atomic<int> given{0};
    int of = 0; // written by who answers, read when all have ended
    auto owed = reply_with<answer>([&](answer a) {
      of = a.of;
      ++given;
    });
    std::vector<reply<answer>> copies(4, owed);
    owed = {};
    test::together(4, [&](int i) {
      auto own = std::move(copies[i]);
      if (i % 2 == 0)
        own(answer{i + 1});
    });
    EXPECT_EQ(given, 1);
    EXPECT_GT(of, 0);
  }
}

TEST(reply_threads, that_all_drop_is_answered_as_lost) {
  for (int round = 0; round < 1000; ++round) {
    std::atomic<int> lost{0};
    std::vector<reply<answer>> copies(4, reply_with<answer>([&](answer a) { lost += a.of == -1; }));
    test::together(4, [&](int i) { copies[i] = {}; });
    EXPECT_EQ(lost, 1);
  }
}

} // namespace
} // namespace chisme
