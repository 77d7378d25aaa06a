// Requests are read on io threads and let go of on those of the actors.
#include "actors/session/request_memory.hpp"
#include "nodes/room_bell.hpp"

#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

namespace chisme::session {
namespace {

/// Whoever said that it lacks room is told when there is some: otherwise its connection would be stuck for ever.
TEST(request_memory_threads, who_waits_for_room_is_told) {
  for (int round = 0; round < 1000; ++round) {
    nodes::room_bell bell;
    std::atomic<int> told{0};
    bell.listen([&](request_memory::share) { ++told; });
    auto memory = std::make_shared<request_memory>(100, [&](request_memory::share of) { bell.ring(of); });
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
TEST(request_memory_threads, a_muted_bell_calls_nobody) {
  int heard = 0; // under the bell's lock
  for (int round = 0; round < 200; ++round) {
    nodes::room_bell bell;
    std::atomic<bool> is_muted{false};
    std::atomic<int> too_late{0};
    auto listener = std::make_unique<int>(0);
    bell.listen([&, p = listener.get()](request_memory::share) {
      ++*p;
      ++heard;
      too_late += is_muted;
    });
    test::together(3, [&](int i) {
      if (i == 0) {
        bell.mute();
        is_muted = true;
        listener.reset();
        return;
      }
      while (!is_muted)
        bell.ring(request_memory::large);
      for (int n = 0; n < 50; ++n)
        bell.ring(request_memory::large);
    });
    EXPECT_EQ(too_late, 0);
  }
  EXPECT_GT(heard, 0);
}

} // namespace
} // namespace chisme::session
