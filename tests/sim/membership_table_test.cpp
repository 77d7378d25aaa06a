// How fast news are, what silence costs and what gossip costs, in rounds of 200 ms and bytes.
//
//   CHISME_TABLE=1 build/tests/sim_tests --gtest_filter='membership_table*'     prints the tables of
//                                                                               actors/membership/README.md
#include "tests/support/gossip_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace chisme::test {
namespace {

using membership::output::member_event;
using peer::member_state;

constexpr int64_t round_ms = 200;

bool prints() { return std::getenv("CHISME_TABLE") != nullptr; }

template <class... Ts>
void print(const char* format, Ts... values) {
  if (prints()) {
    std::printf(format, values...);
    std::fflush(stdout);
  }
}

class table_world {
public:
  table_world(uint64_t seed, int nodes, membership::swim_options options = {}) : world(seed, std::move(options)) {
    for (node_id id = 1; id <= nodes; ++id)
      world.start(id, {1, 2, 3});
  }

  bool all(const std::function<bool(const gossip_world::process&)>& holds) {
    return std::ranges::all_of(world.processes(), [&](const auto& p) { return holds(*p.second); });
  }
  /// How long until it holds everywhere, in ms.
  double until_all(int64_t at_most, const std::function<bool(const gossip_world::process&)>& holds) {
    const auto begin = world.now();
    EXPECT_TRUE(world.comes_true(at_most, [&] { return all(holds); }));
    return static_cast<double>(world.now() - begin);
  }
  double until_formed() {
    const auto count = world.processes().size();
    return until_all(60'000, [count](const auto& p) {
      return static_cast<size_t>(std::ranges::count_if(
               p.machine.members(), [](const auto& m) { return m.second.state == member_state::alive; })) == count;
    });
  }
  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& [at, p] : const_cast<gossip_world&>(world).processes())
      sum += p->bytes_sent;
    return sum;
  }

  gossip_world world;
};

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}
double highest(const std::vector<double>& values) { return *std::ranges::max_element(values); }
double rounds(double ms) { return ms / round_ms; }

struct row {
  std::vector<double> form, join, claim, first_suspect, death;
  double idle_bytes = 0;
};

void measure(uint64_t seed, int nodes, row& r) {
  table_world t{seed, nodes};
  auto& world = t.world;
  r.form.push_back(t.until_formed());
  world.run_for(15'000);

  const auto before = t.bytes();
  world.run_for(10'000);
  r.idle_bytes = static_cast<double>(t.bytes() - before) / 10 / nodes;

  const auto joiner = static_cast<node_id>(nodes + 1);
  world.start(joiner, {1, 2, 3});
  r.join.push_back(t.until_formed());
  world.run_for(5'000);

  uuid topic;
  topic.bytes[0] = 1;
  world.feed(gossip_world::address_of(2), membership::input::partitions_led{{{topic, 0, 1, 2}}});
  r.claim.push_back(t.until_all(20'000, [&](const auto& p) { return p.machine.leader_of(topic, 0) != nullptr; }));
  world.run_for(5'000);

  world.crash(gossip_world::address_of(joiner), false);
  const auto begin = world.now();
  EXPECT_TRUE(world.comes_true(10'000, [&] {
    return !t.all([&](const auto& p) { return gossip_world::believes(p, joiner, member_state::alive); });
  }));
  r.first_suspect.push_back(static_cast<double>(world.now() - begin));
  EXPECT_TRUE(world.comes_true(30'000, [&] {
    return t.all([&](const auto& p) { return gossip_world::believes(p, joiner, member_state::dead); });
  }));
  r.death.push_back(static_cast<double>(world.now() - begin));
  EXPECT_EQ(world.failure(), "");
}

TEST(membership_table, news_reach_all_in_a_few_rounds_more_for_twice_the_nodes) {
  print("| nodes | log2 n | form, rounds | join | claim | death: suspected | death: known to all | bytes/s a node |\n");
  const std::vector<std::pair<int, int>> few{{3, 10}, {10, 5}, {30, 1}}, many{{3, 100}, {10, 30}, {100, 3}, {500, 1}};
  for (const auto& [nodes, repeats] : prints() ? many : few) {
    row r;
    for (int i = 0; i < repeats; ++i)
      measure(static_cast<uint64_t>(i), nodes, r);
    const auto log = std::log2(nodes);
    print("| %d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f (longest %.1f) | %.0f |\n", nodes, log,
          rounds(middle(r.form)), rounds(middle(r.join)), rounds(middle(r.claim)), rounds(middle(r.first_suspect)),
          rounds(middle(r.death)), rounds(highest(r.death)), r.idle_bytes);
    EXPECT_LT(rounds(highest(r.join)), 3 + 2 * log);
    EXPECT_LT(rounds(highest(r.claim)), 3 + 2 * log);
    EXPECT_LT(rounds(highest(r.death)), 9 + 4 * log);
    EXPECT_LT(r.idle_bytes, 2'000);
  }
}

/// From the crash until both others know it.
std::vector<double> deaths_of_three(bool is_noticed, int repeats) {
  std::vector<double> times;
  for (int i = 0; i < repeats; ++i) {
    table_world t{static_cast<uint64_t>(1000 + i), 3};
    t.until_formed();
    t.world.run_for(5'000 + static_cast<int64_t>(t.world.roll(1'000)));
    t.world.crash(gossip_world::address_of(3), is_noticed);
    times.push_back(
      t.until_all(10'000, [](const auto& p) { return gossip_world::believes(p, 3, member_state::dead); }));
  }
  std::ranges::sort(times);
  return times;
}

TEST(membership_table, a_killed_one_of_three_is_known_as_dead_within_600_ms) {
  const int repeats = prints() ? 1000 : 100;
  print("| one of three | p50 ms | p99 ms |\n");
  for (const bool is_noticed : {true, false}) {
    const auto times = deaths_of_three(is_noticed, repeats);
    const auto p50 = times[times.size() / 2], p99 = times[times.size() * 99 / 100];
    print("| %s | %.0f | %.0f |\n", is_noticed ? "killed: its connections are closed" : "falls silent", p50, p99);
    EXPECT_LT(p50, is_noticed ? 400 : 800);
    EXPECT_LT(p99, is_noticed ? 600 : 1'200);
  }
}

struct alarms {
  double suspicions = 0; ///< an hour, of all members by all others together
  double deaths = 0;
};

alarms false_alarms(int nodes, int loss_percent, int minutes) {
  table_world t{static_cast<uint64_t>(loss_percent), nodes};
  t.until_formed();
  t.world.faults.loss_percent = loss_percent;
  t.world.faults.most_delay_ms = 20;
  t.world.run_for(int64_t{60'000} * minutes);
  alarms found;
  for (const auto& [at, p] : t.world.processes())
    for (const auto& e : p->events) {
      found.suspicions += e.what == member_event::suspect;
      found.deaths += e.what == member_event::dead;
    }
  found.suspicions *= 60.0 / minutes;
  found.deaths *= 60.0 / minutes;
  return found;
}

TEST(membership_table, losses_alone_kill_few) {
  const int minutes = prints() ? 300 : 5;
  print("| nodes | loss, %% | suspected, times an hour | thought dead, times an hour |\n");
  for (const int nodes : {3, 5, 10})
    for (const int loss : {0, 5, 10, 20, 30}) {
      const auto found = false_alarms(nodes, loss, minutes);
      print("| %d | %d | %.1f | %.1f |\n", nodes, loss, found.suspicions, found.deaths);
      EXPECT_LE(found.deaths, loss <= 10 ? 6 : 600) << nodes << " nodes, " << loss << " %";
    }
}

/// 10,000 partitions, nobody leads anything new: what is compared are two sums.
TEST(membership_table, what_is_known_costs_nothing_while_nothing_changes) {
  table_world t{7, 3};
  t.until_formed();
  std::vector<peer::leader_claim> claims;
  uuid topic;
  topic.bytes[0] = 1;
  for (partition_index i = 0; i < 10'000; ++i)
    claims.push_back({topic, i, 1, 1});
  t.world.feed(gossip_world::address_of(1), membership::input::partitions_led{claims});
  const auto spread = t.until_all(60'000, [](const auto& p) { return p.machine.claims().size() == 10'000; });
  t.world.run_for(60'000);
  const auto before = t.bytes();
  t.world.run_for(60'000);
  const auto idle = static_cast<double>(t.bytes() - before) / 60 / 3;
  t.world.start(4, {1});
  const auto begun = t.bytes();
  const auto join = t.until_all(60'000, [](const auto& p) { return p.machine.claims().size() == 10'000; });
  print("10,000 claims of one node at once are everywhere after %.1f rounds; idle then %.0f bytes/s a node;\n",
        rounds(spread), idle);
  print("a fourth node knows all after %.1f rounds, %.0f KiB sent by all\n", rounds(join),
        static_cast<double>(t.bytes() - begun) / 1024);
  EXPECT_LT(idle, 1'000);
  EXPECT_LT(rounds(join), 60);
  EXPECT_EQ(t.world.failure(), "");
}

} // namespace
} // namespace chisme::test
