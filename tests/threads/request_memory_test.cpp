// Requests are read on io threads and let go of on those of the actors.
#include "actors/session/request_memory.hpp"
#include "nodes/release_notifier.hpp"

#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

namespace chisme::session {
namespace {

/// Whoever said that it lacks room is told when there is some: otherwise its connection would be stuck for ever.
TEST(request_memory_threads, who_waits_for_room_is_told) {
  for (int round = 0; round < 1000; ++round) {
    nodes::release_notifier notifier;
    std::atomic<int> told{0};
    notifier.subscribe([&](request_memory::share) { ++told; });
    auto memory = std::make_shared<request_memory>(100, [&](request_memory::share of) { notifier.notify(of); });
    auto held = memory->hold(buffer::copy_of(std::string(100, 'x')));
    ASSERT_FALSE(memory->has_room(request_memory::small));
    test::together(2, [&](int i) {
      if (i == 0)
        memory->expect_room(request_memory::small);
      else
        held = {};
    });
    EXPECT_EQ(told, 1);
    EXPECT_EQ(memory->held(), 0);
  }
}

TEST(request_memory_threads, what_is_reserved_at_once_goes_beyond_the_limit_by_one_request_at_most) {
  for (int round = 0; round < 200; ++round) {
    auto memory = std::make_shared<request_memory>(1000);
    std::atomic<int> reserved{0};
    test::together(4, [&](int) {
      while (memory->reserve(300))
        ++reserved;
    });
    EXPECT_EQ(reserved, 4);
  }
}

/// As when a gateway ends while actors still hold requests.
TEST(request_memory_threads, an_unsubscribed_listener_is_not_called) {
  int heard = 0; // under the notifier's lock
  for (int round = 0; round < 200; ++round) {
    nodes::release_notifier notifier;
    std::atomic<bool> is_unsubscribed{false};
    std::atomic<int> too_late{0};
    auto listener = std::make_unique<int>(0);
    notifier.subscribe([&, p = listener.get()](request_memory::share) {
      ++*p;
      ++heard;
      too_late += is_unsubscribed;
    });
    test::together(3, [&](int i) {
      if (i == 0) {
        notifier.unsubscribe();
        is_unsubscribed = true;
        listener.reset();
        return;
      }
      while (!is_unsubscribed)
        notifier.notify(request_memory::large);
      for (int n = 0; n < 50; ++n)
        notifier.notify(request_memory::large);
    });
    EXPECT_EQ(too_late, 0);
  }
  EXPECT_GT(heard, 0);
}

} // namespace
} // namespace chisme::session
