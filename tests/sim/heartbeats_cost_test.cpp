// What many groups cost two nodes that share all of them: bytes a second, and the time of a tick. Numbers for people;
// what is checked does not depend on the machine.
#include "actors/heartbeats/node_heartbeats.hpp"
#include "messages/wire/codec.hpp"

#include <gtest/gtest.h>

#include <time.h>

#include <chrono>
#include <cstdio>

namespace chisme::test {
namespace {

namespace input = heartbeats::input;

/// What this thread has used; other processes do not count. Reading it takes some hundred nanoseconds itself.
std::chrono::nanoseconds cpu_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
}

/// A leader and a follower of all groups, with nothing lost between them.
class pair_of_nodes {
public:
  explicit pair_of_nodes(int32_t groups) : groups_(groups) {
    heartbeats::outputs out;
    leader_.step(now_, input::peer_up{2, 22}, out);
    follower_.step(now_, input::peer_up{1, 11}, out);
    for (int32_t g = 0; g < groups; ++g) {
      leader_.step(now_, changed(g, 0), out);
      follower_.step(now_, changed(g, 0), out);
    }
  }
  static input::group_changed changed(int32_t g, offset_t commit) {
    return {{uuid{{static_cast<uint8_t>(g % 7)}}, g}, {1, 2}, 1, 1, commit};
  }

  /// One tick, in which the first `busy` groups have committed something.
  void tick(int32_t busy) {
    now_ += 100;
    heartbeats::outputs out;
    const auto begin = cpu_time();
    for (int32_t g = 0; g < busy; ++g)
      leader_.step(now_, changed(g, now_), out);
    const auto told = cpu_time();
    leader_.step(now_, input::tick{}, out);
    follower_.step(now_, input::tick{}, out);
    const auto ticked = cpu_time();
    telling += told - begin;
    ticking += ticked - told;
    for (const auto& o : out)
      if (const auto* s = std::get_if<heartbeats::output::send>(&o)) {
        ++messages;
        entries += s->message.entries.size();
        bytes += encode(s->message, 0).size();
        auto& to = s->to == 2 ? follower_ : leader_;
        heartbeats::outputs ignored;
        const auto before = cpu_time();
        to.step(now_, input::message_arrived{s->to == 2 ? 1 : 2, s->message}, ignored);
        hearing += cpu_time() - before;
      }
  }

  size_t messages = 0;
  size_t entries = 0;
  size_t bytes = 0;
  std::chrono::nanoseconds telling{};
  std::chrono::nanoseconds ticking{};
  std::chrono::nanoseconds hearing{};

private:
  int32_t groups_;
  timestamp_ms now_ = 1'000;
  heartbeats::node_heartbeats leader_{1, 11, {}};
  heartbeats::node_heartbeats follower_{2, 22, {}};
};

struct cost {
  size_t messages = 0;
  size_t entries = 0;
  size_t bytes = 0;
};

/// Of a second, after the first ones in which everything is told.
cost measure(int32_t groups, int32_t busy) {
  constexpr size_t seconds = 20;
  pair_of_nodes nodes{groups};
  for (int i = 0; i < 50; ++i)
    nodes.tick(0);
  nodes.messages = nodes.entries = nodes.bytes = 0;
  nodes.telling = nodes.ticking = nodes.hearing = {};
  for (size_t i = 0; i < 10 * seconds; ++i)
    nodes.tick(busy);
  const auto per = [&](std::chrono::nanoseconds all, size_t count) {
    return count == 0 ? 0.0 : static_cast<double>(all.count()) / static_cast<double>(count);
  };
  std::printf("%6d groups, %5d busy: %7zu bytes/s both ways, %4zu messages/s, tick %8.0f ns, message heard %8.0f ns, "
              "group_changed %5.0f ns\n",
              groups, busy, nodes.bytes / seconds, nodes.messages / seconds, per(nodes.ticking, 20 * seconds),
              per(nodes.hearing, nodes.messages), per(nodes.telling, 10 * seconds * static_cast<size_t>(busy)));
  return {nodes.messages / seconds, nodes.entries / seconds, nodes.bytes / seconds};
}

TEST(heartbeats_cost_test, idle_groups_cost_nothing_and_busy_ones_an_entry) {
  const auto one = measure(1, 0);
  const auto many = measure(10'000, 0);
  EXPECT_EQ(many.entries, 0u);
  EXPECT_EQ(many.bytes, one.bytes);
  EXPECT_EQ(many.messages, 20u) << "ten ticks of two nodes";
  const auto busy = measure(10'000, 1'000);
  EXPECT_EQ(busy.messages, 20u);
  EXPECT_EQ(busy.entries, 10'000u) << "each once a tick";
  EXPECT_LE(busy.bytes, one.bytes + 10'000 * peer::heartbeat::entry_bytes);
}

} // namespace
} // namespace chisme::test
