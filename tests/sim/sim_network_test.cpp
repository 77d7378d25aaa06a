#include "tests/sim/sim_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

/// Stands for all that is behind the links of a node, and keeps what it is told.
struct listener final : links::receiver {
  void arrived(node_id from, peer_message m) override {
    if (const auto* p = std::get_if<peer::ping>(&m))
      pings[from].push_back(p->number);
    else
      bulk[from].push_back(std::get<peer::bulk_ping>(m));
  }
  void peer_up(node_id id, uint64_t process_id) override {
    EXPECT_FALSE(up.contains(id)) << "told twice";
    up[id] = process_id;
  }
  void peer_down(node_id id, const std::string& reason) override {
    EXPECT_EQ(up.erase(id), 1u);
    downs.push_back(reason);
  }

  std::map<node_id, uint64_t> up;
  std::vector<std::string> downs;
  std::map<node_id, std::vector<int64_t>> pings;
  std::map<node_id, std::vector<peer::bulk_ping>> bulk;
};

class sim_network_test : public ::testing::Test {
protected:
  struct node {
    std::shared_ptr<listener> hears = std::make_shared<listener>();
    std::shared_ptr<links::port> links;
  };

  static peer::address address_of(node_id id) { return {"n" + std::to_string(id), 9093}; }

  node& start(node_id id, uint64_t process = 0, const std::string& cluster = "c") {
    peer::process self;
    self.cluster_id = cluster;
    self.id = id;
    self.process_id = process ? process : static_cast<uint64_t>(id) * 100;
    self.at = address_of(id);
    auto& n = nodes_[id];
    n.hears = std::make_shared<listener>();
    n.links = net_.join(self, n.hears);
    return n;
  }
  void start_all(node_id count) {
    for (node_id id = 1; id <= count; ++id)
      start(id);
    for (node_id a = 1; a <= count; ++a)
      for (node_id b = 1; b <= count; ++b)
        if (a != b)
          nodes_[a].links->set_peer(b, address_of(b));
    pass(1000);
  }
  node& at(node_id id) { return nodes_[id]; }
  bool say(node_id from, node_id to, int64_t number) { return at(from).links->send(to, peer::ping{number, false}); }
  bool say_much(node_id from, node_id to, int64_t number, size_t bytes) {
    return at(from).links->send(to, peer::bulk_ping{number, buffer::copy_of(std::string(bytes, 'x'))});
  }

  void pass(int64_t ms) {
    const auto end = net_.now() + ms;
    for (;;) {
      while (net_.step()) {
      }
      const auto next = net_.next();
      if (!next || *next > end)
        break;
      net_.set_time(std::max(net_.now(), *next));
    }
    net_.set_time(end);
  }
  static std::vector<int64_t> numbers(int64_t first, int64_t end) {
    std::vector<int64_t> out;
    for (; first < end; ++first)
      out.push_back(first);
    return out;
  }

  sim_trace trace_;
  sim_network net_{1, trace_};
  std::map<node_id, node> nodes_;
};

TEST_F(sim_network_test, nodes_reach_each_other_and_say_which_process_they_are) {
  start_all(3);
  EXPECT_EQ(at(1).hears->up, (std::map<node_id, uint64_t>{{2, 200}, {3, 300}}));
  EXPECT_EQ(at(3).hears->up, (std::map<node_id, uint64_t>{{1, 100}, {2, 200}}));
}

TEST_F(sim_network_test, a_lane_keeps_the_order_whatever_the_delays) {
  net_.now_blowing().slow = 3000;
  start_all(2);
  for (int64_t i = 0; i < 200; ++i) {
    EXPECT_TRUE(say(1, 2, i));
    EXPECT_TRUE(say_much(1, 2, i, 10));
    if (i % 10 == 0)
      pass(1);
  }
  pass(1000);
  EXPECT_EQ(at(2).hears->pings[1], numbers(0, 200));
  ASSERT_EQ(at(2).hears->bulk[1].size(), 200u);
  for (int64_t i = 0; i < 200; ++i)
    EXPECT_EQ(at(2).hears->bulk[1][static_cast<size_t>(i)].number, i);
  EXPECT_EQ(net_.counts().lost, 0u);
}

TEST_F(sim_network_test, a_message_takes_time) {
  net_.now_blowing() = {.shortest_delay = 5, .longest_delay = 5, .slow = 0};
  start_all(2);
  say(1, 2, 7);
  pass(4);
  EXPECT_TRUE(at(2).hears->pings[1].empty());
  pass(1);
  EXPECT_EQ(at(2).hears->pings[1], numbers(7, 8));
}

TEST_F(sim_network_test, who_is_not_up_is_not_sent_to) {
  start(1);
  EXPECT_FALSE(say(1, 2, 0));
  at(1).links->set_peer(2, address_of(2));
  pass(5000);
  EXPECT_FALSE(say(1, 2, 0)) << "there is nobody";
  start(2);
  pass(10'000);
  EXPECT_TRUE(say(1, 2, 0));
  EXPECT_FALSE(say(1, 1, 0));
}

TEST_F(sim_network_test, a_seed_becomes_a_peer_and_calls_back) {
  start(1);
  start(2);
  at(1).links->dial_seed(address_of(2));
  pass(1000);
  EXPECT_TRUE(at(1).hears->up.contains(2));
  EXPECT_TRUE(at(2).hears->up.contains(1));
}

TEST_F(sim_network_test, another_cluster_is_refused) {
  start(1);
  start(2, 200, "another");
  at(1).links->set_peer(2, address_of(2));
  pass(20'000);
  EXPECT_TRUE(at(1).hears->up.empty());
  EXPECT_TRUE(at(2).hears->up.empty());
}

TEST_F(sim_network_test, both_sides_hear_of_a_broken_connection_and_it_comes_back) {
  start_all(2);
  say(1, 2, 1);
  net_.cut(1, 2, "pulled");
  EXPECT_TRUE(say(1, 2, 2)) << "nobody knows yet";
  pass(10'000);
  // Of its own end, or of the other's, whichever comes first.
  const auto is_reason = ::testing::AnyOf("pulled", "closed by the other side");
  EXPECT_THAT(at(1).hears->downs, ::testing::ElementsAre(is_reason));
  EXPECT_TRUE(at(1).hears->up.contains(2)) << "it is dialled again";
  EXPECT_TRUE(at(2).hears->pings[1].empty()) << "what was on its way is lost";
  say(1, 2, 3);
  pass(1000);
  EXPECT_EQ(at(2).hears->pings[1], numbers(3, 4));
}

TEST_F(sim_network_test, a_process_that_ends_is_noticed_and_the_next_one_is_another) {
  start_all(2);
  net_.leave(2, sim_network::parting::closes);
  pass(300);
  EXPECT_FALSE(at(1).hears->up.contains(2));
  start(2, 201);
  pass(10'000);
  EXPECT_EQ(at(1).hears->up[2], 201u);
}

TEST_F(sim_network_test, lost_power_is_noticed_late_or_by_the_next_process) {
  start_all(3);
  net_.leave(2, sim_network::parting::vanishes);
  net_.leave(3, sim_network::parting::vanishes);
  pass(2000);
  EXPECT_TRUE(at(1).hears->up.contains(2));
  EXPECT_TRUE(say(1, 2, 1)) << "to nobody";
  start(2, 201);
  pass(5000);
  EXPECT_EQ(at(1).hears->up[2], 201u);
  EXPECT_TRUE(at(1).hears->up.contains(3));
  pass(10'000);
  EXPECT_FALSE(at(1).hears->up.contains(3));
}

TEST_F(sim_network_test, what_a_process_has_sent_does_not_reach_the_next_one) {
  net_.now_blowing() = {.shortest_delay = 50, .longest_delay = 50, .slow = 0};
  start_all(2);
  say(1, 2, 1);
  net_.leave(2, sim_network::parting::closes);
  start(2, 201);
  pass(10'000);
  EXPECT_TRUE(at(2).hears->pings.empty());
}

TEST_F(sim_network_test, one_direction_stops_and_goes_on) {
  start_all(2);
  net_.stop(1, 2);
  say(1, 2, 1);
  say(2, 1, 2);
  pass(3000);
  EXPECT_TRUE(at(2).hears->pings[1].empty());
  EXPECT_EQ(at(1).hears->pings[2], numbers(2, 3));
  net_.go_on(1, 2);
  pass(300);
  EXPECT_EQ(at(2).hears->pings[1], numbers(1, 2)) << "it was on its way";
  EXPECT_TRUE(at(1).hears->downs.empty());
}

TEST_F(sim_network_test, what_does_not_go_on_ends_and_cannot_be_dialled) {
  start_all(2);
  net_.stop(1, 2);
  pass(20'000);
  EXPECT_EQ(at(1).hears->downs.size(), 1u);
  EXPECT_FALSE(at(1).hears->up.contains(2));
  EXPECT_FALSE(at(2).hears->up.contains(1)) << "nothing that it sends is confirmed";
  net_.all_go_on();
  pass(10'000);
  EXPECT_TRUE(at(1).hears->up.contains(2));
  EXPECT_TRUE(at(2).hears->up.contains(1));
}

TEST_F(sim_network_test, queues_are_bounded_as_the_port_says) {
  start_all(2);
  net_.pause(2);
  int64_t taken = 0;
  while (say_much(1, 2, taken, 100'000) && taken < 1000)
    ++taken;
  EXPECT_GE(taken, 40);
  EXPECT_LE(taken, 60) << "5 MiB";
  EXPECT_LE(net_.queued(1, 2, peer::lane::bulk), 4u << 20);
  for (int64_t i = 0; i < 200'000; ++i)
    ASSERT_TRUE(say(1, 2, i)) << "of control messages the oldest go";
  EXPECT_LE(net_.queued(1, 2, peer::lane::control), 1u << 20);
  net_.resume(2);
  pass(5000);
  EXPECT_EQ(std::ssize(at(2).hears->bulk[1]), taken) << "of bulk nothing that was taken is lost";
  const auto& got = at(2).hears->pings[1];
  EXPECT_EQ(got.back(), 199'999);
  EXPECT_LT(got.size(), 150'000u);
  EXPECT_TRUE(std::ranges::is_sorted(got));
}

TEST_F(sim_network_test, a_node_that_pauses_hears_nothing_until_it_goes_on) {
  start_all(2);
  net_.pause(2);
  say(1, 2, 1);
  pass(5000);
  EXPECT_TRUE(at(2).hears->pings.empty());
  net_.resume(2);
  pass(100);
  EXPECT_EQ(at(2).hears->pings[1], numbers(1, 2));
}

TEST_F(sim_network_test, frames_vanish_come_twice_and_overtake_where_asked_for) {
  start_all(2);
  net_.now_blowing().vanish = net_.now_blowing().come_twice = net_.now_blowing().overtake = 1000;
  for (int64_t i = 0; i < 1000; ++i) {
    say(1, 2, i);
    if (i % 10 == 0)
      pass(1);
  }
  pass(1000);
  const auto& got = at(2).hears->pings[1];
  const std::set<int64_t> different(got.begin(), got.end());
  EXPECT_NEAR(static_cast<double>(different.size()), 900, 60);
  EXPECT_GT(got.size(), different.size() + 30);
  EXPECT_FALSE(std::ranges::is_sorted(got));
}

TEST_F(sim_network_test, what_is_no_message_closes_the_connection_and_what_is_not_known_is_skipped) {
  start_all(2);
  net_.now_blowing().forged = 500;
  for (int64_t i = 0; i < 2000; ++i) {
    say(1, 2, i);
    pass(20);
  }
  EXPECT_GT(net_.counts().skipped, 5u);
  EXPECT_GT(net_.counts().refused, 5u);
  EXPECT_GT(at(1).hears->downs.size(), 5u);
  const auto& got = at(2).hears->pings[1];
  EXPECT_GT(got.size(), 500u);
  EXPECT_TRUE(std::ranges::is_sorted(got)) << "and nothing is made up";
}

TEST_F(sim_network_test, a_seed_repeats_itself) {
  const auto trace_of = [](uint64_t seed) {
    sim_trace trace;
    sim_network net{seed, trace};
    auto hears = std::make_shared<listener>();
    const auto one = net.join({.cluster_id = "c", .id = 1, .process_id = 1, .at = address_of(1)}, hears);
    const auto two = net.join({.cluster_id = "c", .id = 2, .process_id = 2, .at = address_of(2)}, hears);
    one->set_peer(2, address_of(2));
    net.now_blowing().breaks = 100;
    for (int64_t i = 0; i < 3000; ++i) {
      one->send(2, peer::ping{i, false});
      net.set_time(i);
      while (net.step()) {
      }
    }
    return trace.value();
  };
  EXPECT_EQ(trace_of(1), trace_of(1));
  EXPECT_NE(trace_of(1), trace_of(2));
}

} // namespace
} // namespace chisme::test
