// Links between nodes over real sockets: what goes through, what a node that stops costs, and how they come and go.
#include "tests/support/payload_bytes.hpp"
#include "tests/support/peer_socket.hpp"
#include "tests/support/relay.hpp"
#include "tests/threads/linked_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::nodes {
namespace {

using peer::lane;
using test::linked_node;
using test::raw_peer;
using testing::ElementsAre;
using state = test::link_recorder::state;

constexpr size_t mib = 1 << 20;

void connect(linked_node& a, node_id a_id, linked_node& b, node_id b_id) {
  a.links->set_peer(b_id, b.at());
  b.links->set_peer(a_id, a.at());
  const auto is_up = [](node_id id) {
    return [id](const state& s) {
      return std::ranges::any_of(s.events, [&](const auto& e) { return e.starts_with("up " + std::to_string(id)); });
    };
  };
  a.told->wait(is_up(b_id));
  b.told->wait(is_up(a_id));
}

peer::bulk_ping bulk_of(int64_t number, const buffer& records) { return {number, payload{records}}; }

TEST(peer_links, ten_thousand_messages_there_and_back_in_order) {
  linked_node a{1, 10};
  linked_node b{2, 20};
  b.told->answer_through(b.links);
  connect(a, 1, b, 2);
  std::vector<int64_t> sent;
  for (int64_t i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(a.links->send(2, peer::ping{i}));
    sent.push_back(i);
  }
  a.told->wait([](const state& s) { return s.answers.size() == 10'000; });
  EXPECT_EQ(b.told->now().pings, sent);
  EXPECT_EQ(a.told->now().answers, sent);
  EXPECT_EQ(a.links->counts().sent, 10'000u);
  EXPECT_EQ(b.links->counts().arrived, 10'000u);
}

TEST(peer_links, two_hundred_mib_arrive_as_they_were_sent) {
  constexpr int64_t batches = 200;
  linked_node a{1, 10};
  linked_node b{2, 20};
  b.told->answer_through(b.links);
  b.told->change([](state& s) { s.keeps = true; });
  connect(a, 1, b, 2);
  std::string bytes(mib, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 31 + i / 251);
  const auto records = buffer::copy_of(bytes);
  for (int64_t i = 0; i < batches; ++i) {
    // Credit: at most three are under way.
    a.told->wait([&](const state& s) { return static_cast<int64_t>(s.answers.size()) + 3 > i; });
    test::send_surely(a, 2, bulk_of(i, records.slice(static_cast<size_t>(i))));
    b.told->change([&](state& s) {
      for (const auto& p : s.kept) {
        ASSERT_EQ(p.parts().size(), 1u);
        const auto& got = std::get<buffer>(p.parts().front());
        ASSERT_EQ(got, records.slice(mib - got.size()));
      }
      s.kept.clear();
    });
  }
  a.told->wait([](const state& s) { return s.answers.size() == batches; });
  const auto seen = b.told->now();
  EXPECT_TRUE(std::ranges::is_sorted(seen.bulk));
  EXPECT_EQ(seen.bulk_bytes, batches * mib - batches * (batches - 1) / 2);
}

TEST(peer_links, a_node_that_stops_costs_its_queues_and_disturbs_nobody) {
  linked_node a{1, 10};
  linked_node b{2, 20};
  linked_node c{3, 30};
  c.told->answer_through(c.links);
  connect(a, 1, b, 2);
  connect(a, 1, c, 3);
  const auto records = buffer::copy_of(std::string(mib, 'x'));
  test::send_surely(a, 2, bulk_of(0, records));
  b.told->wait([](const state& s) { return s.bulk.size() == 1; });
  test::stopped_loop b_is{b.loop};

  // Bulk: what the sockets hold and the queue, then the sender is told.
  int64_t taken = 0;
  while (a.links->send(2, bulk_of(taken + 1, records)))
    ++taken;
  EXPECT_LE(a.links->queued(2, lane::bulk), 4 * mib);
  // Control: as much as it likes, the newest of it are kept.
  int64_t last = 0;
  for (; last < 1'000'000; ++last)
    EXPECT_TRUE(a.links->send(2, peer::ping{last}));
  EXPECT_LE(a.links->queued(2, lane::control), mib);
  EXPECT_GT(a.links->queued(2, lane::control), mib / 2);
  // Meanwhile others are answered.
  for (int64_t i = 0; i < 1000; ++i) {
    EXPECT_TRUE(a.links->send(3, peer::ping{i}));
    a.told->wait([&](const state& s) { return static_cast<int64_t>(s.answers.size()) > i; });
  }
  EXPECT_THAT(a.told->now().events, testing::UnorderedElementsAre("up 2 20", "up 3 30")) << "it is only slow";

  b_is.release();
  b.told->wait([&](const state& s) { return !s.pings.empty() && s.pings.back() == last - 1; });
  EXPECT_LT(b.told->now().pings.size(), 1'000'000u) << "old ones gave way";
  b.told->wait([&](const state& s) { return s.bulk.back() == taken; });
  EXPECT_EQ(b.told->now().bulk.size(), static_cast<size_t>(taken) + 1) << "none of what was taken is lost";
}

TEST(peer_links, no_more_is_read_of_a_node_than_the_receiver_may_hold) {
  linked_node a{1, 10};
  linked_node::settings small;
  small.limits.bulk.memory = 3 * mib;
  linked_node b{2, 20, small};
  b.told->change([](state& s) { s.keeps = true; });
  connect(a, 1, b, 2);
  const auto records = buffer::copy_of(std::string(mib, 'x'));
  // Until three have come and neither the sockets nor the queue take more.
  for (int64_t i = 0; a.links->send(2, bulk_of(i, records)) || b.told->now().bulk.size() < 3;)
    ++i;
  b.told->wait([](const state& s) { return s.bulk.size() >= 3; });
  EXPECT_EQ(b.told->now().bulk.size(), 3u);
  b.told->change([](state& s) {
    s.keeps = false;
    s.kept.clear();
  });
  const auto mark = int64_t{1'000'000};
  test::send_surely(a, 2, bulk_of(mark, records));
  b.told->wait([&](const state& s) { return s.bulk.back() == mark; });
}

TEST(peer_links, a_node_that_is_started_anew_is_told_as_another_process) {
  linked_node a{1, 10};
  auto b = std::make_unique<linked_node>(2, 20);
  connect(a, 1, *b, 2);
  linked_node::settings same;
  same.port = b->port();
  b.reset();
  a.told->wait_for_event("down 2");
  EXPECT_FALSE(a.links->send(2, peer::ping{1}));
  linked_node again{2, 21, same};
  a.told->wait_for_event("up 2 21");
  EXPECT_TRUE(a.links->send(2, peer::ping{2}));
  again.told->wait([](const state& s) { return !s.pings.empty(); });
  EXPECT_THAT(again.told->now().pings, ElementsAre(2));
  EXPECT_THAT(a.told->now().events, ElementsAre("up 2 20", "down 2", "up 2 21"));
}

TEST(peer_links, one_way_can_be_cut_and_the_other_goes_on) {
  linked_node a{1, 10};
  linked_node b{2, 20};
  test::relay to_b{b.port()};
  a.links->set_peer(2, {"127.0.0.1", to_b.port()});
  b.links->set_peer(1, a.at());
  a.told->wait_for_event("up 2 20");
  b.told->wait_for_event("up 1 10");
  to_b.cut();
  a.told->wait_for_event("down 2");
  EXPECT_FALSE(a.links->send(2, peer::ping{1}));
  EXPECT_TRUE(b.links->send(1, peer::ping{2}));
  a.told->wait([](const state& s) { return !s.pings.empty(); });
  EXPECT_THAT(a.told->now().pings, ElementsAre(2));
  EXPECT_THAT(b.told->now().events, ElementsAre("up 1 10"));
  to_b.mend();
  a.told->wait([](const state& s) { return s.events.size() == 3; });
  EXPECT_TRUE(a.links->send(2, peer::ping{3}));
  b.told->wait([](const state& s) { return !s.pings.empty(); });
}

TEST(peer_links, a_seed_becomes_a_peer_and_dials_back) {
  linked_node a{1, 10};
  linked_node b{2, 20};
  b.links->dial_seed({"localhost", a.port()});
  b.told->wait_for_event("up 1 10");
  a.told->wait_for_event("up 2 20");
  EXPECT_TRUE(a.links->send(2, peer::ping{1}));
  b.told->wait([](const state& s) { return !s.pings.empty(); });
}

TEST(peer_links, clusters_do_not_mix) {
  linked_node a{1, 10};
  linked_node::settings other;
  other.cluster = "d";
  linked_node b{2, 20, other};
  a.links->set_peer(2, b.at());
  while (b.links->counts().refused == 0)
    std::this_thread::yield();
  EXPECT_FALSE(a.links->send(2, peer::ping{1}));
  EXPECT_THAT(a.told->now().events, ElementsAre());
}

TEST(peer_links, who_does_not_answer_is_given_up_and_dialled_again) {
  boost::asio::io_context context;
  raw_peer::tcp::acceptor silent{context, {boost::asio::ip::address_v4::loopback(), 0}};
  linked_node::settings hasty;
  hasty.limits.dial = std::chrono::milliseconds{20};
  linked_node a{1, 10, hasty};
  a.links->set_peer(2, {"127.0.0.1", silent.local_endpoint().port()});
  raw_peer first{silent};
  EXPECT_TRUE(first.receive()) << "a hello";
  EXPECT_TRUE(first.is_closed_by_other());
  raw_peer second{silent};
  EXPECT_TRUE(second.receive());
}

TEST(peer_links, send_after_the_stop_is_dropped) {
  auto a = std::make_unique<linked_node>(1, 10);
  linked_node b{2, 20};
  connect(*a, 1, b, 2);
  const auto port = a->links;
  a.reset();
  EXPECT_FALSE(port->send(2, peer::ping{1}));
  port->set_peer(2, b.at());
  b.told->wait_for_event("down 1");
}

} // namespace
} // namespace chisme::nodes
