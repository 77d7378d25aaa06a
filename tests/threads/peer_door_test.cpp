// What anybody may send to the peer port: none of it ends the node, keeps others out or costs more than a bound.
#include "tests/support/peer_socket.hpp"
#include "tests/threads/linked_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace chisme::nodes {
namespace {

using namespace std::string_literals;
using peer::lane;
using peer::refusal_code;
using test::linked_node;
using test::raw_peer;
using state = test::link_recorder::state;

peer::hello hello_of(node_id id, uint64_t process_id, lane via = lane::control) {
  peer::hello h;
  h.from.cluster_id = "c";
  h.from.id = id;
  h.from.process_id = process_id;
  h.from.at = {"127.0.0.1", 1};
  h.via = via;
  return h;
}

class peer_door_test : public testing::Test {
protected:
  raw_peer knock() { return raw_peer{node_.port()}; }
  raw_peer admitted(node_id id, lane via = lane::control) {
    auto p = knock();
    const auto answer = p.greet(hello_of(id, 99, via));
    EXPECT_TRUE(answer && answer->refusal == refusal_code::none);
    return p;
  }
  void expect_closed(raw_peer p, std::string_view bytes) {
    p.send(bytes);
    EXPECT_TRUE(p.is_closed_by_other()) << bytes;
  }
  /// Somebody else still gets in and is heard.
  void expect_alive() {
    auto p = admitted(50);
    p.send(peer::ping{++pings_});
    node_.told->wait([&](const state& s) { return !s.pings.empty() && s.pings.back() == pings_; });
  }

  linked_node node_{1, 10};
  int64_t pings_ = 1000;
};

TEST_F(peer_door_test, strangers_are_closed) {
  expect_closed(knock(), "GET / HTTP/1.1\r\n\r\n");
  expect_closed(knock(), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s);
  expect_closed(knock(), "\xff\xff\xff\xff"s);
  expect_closed(knock(), "\0\0\0\0"s);
  expect_closed(knock(), "\0\0\x10\x01"s); // more than a hello may have
  // ApiVersions, as a client of Kafka begins.
  expect_closed(knock(), "\0\0\0\x11\0\x12\0\0\0\0\0\1\0\7unknown"s);
  expect_closed(knock(), "\0\0\0\x04\x01\0\0\0"s); // a hello that is cut off
  EXPECT_EQ(node_.links->counts().broken, 7u);
  expect_alive();
}

TEST_F(peer_door_test, what_belongs_elsewhere_ends_a_connection) {
  const auto frame = [](const peer_message& m) {
    std::string all;
    const auto encoded = peer::encode_frame(m, 0);
    for (const auto& part : encoded.parts())
      all += as_chars(std::get<buffer>(part));
    return all;
  };
  expect_closed(knock(), frame(peer::ping{1}));
  expect_closed(admitted(2), frame(hello_of(2, 99)));
  expect_closed(admitted(2), frame(peer::hello_answer{}));
  expect_closed(admitted(2), frame(peer::bulk_ping{1, {}}));
  expect_closed(admitted(2, lane::bulk), frame(peer::ping{1}));
  expect_closed(admitted(2), "\0\0\0\x03\x03\0\0"s); // a ping that is cut off
  expect_closed(admitted(2), "\0\x10\0\x01\x03\0"s); // more than a control message may have
  EXPECT_EQ(node_.links->counts().broken, 7u);
  EXPECT_TRUE(node_.told->now().pings.empty());
  expect_alive();
}

TEST_F(peer_door_test, messages_of_the_future_are_skipped) {
  auto p = admitted(2);
  for (int i = 0; i < 3; ++i)
    p.send("\0\0\0\x05\xc8\0abc"s); // kind 200
  p.send("\0\0\0\x05\x03\x07"
         "abc"s); // a ping of version 7
  p.send(peer::ping{5});
  node_.told->wait([](const state& s) { return !s.pings.empty(); });
  EXPECT_EQ(node_.links->counts().skipped, 4u);
  EXPECT_EQ(node_.links->counts().broken, 0u);
}

TEST_F(peer_door_test, refusals_are_told_to_the_other_side) {
  const auto code = [&](const peer::hello& h) {
    const auto answer = knock().greet(h);
    return answer ? answer->refusal : refusal_code::malformed;
  };
  EXPECT_EQ(code(hello_of(1, 99)), refusal_code::own_node_id);
  EXPECT_EQ(code(hello_of(1, 10)), refusal_code::itself);
  auto other = hello_of(2, 99);
  other.from.cluster_id = "d";
  EXPECT_EQ(code(other), refusal_code::other_cluster);
  other = hello_of(2, 99);
  other.from.min_version = other.from.max_version = 9;
  EXPECT_EQ(code(other), refusal_code::other_versions);
  EXPECT_EQ(node_.links->counts().refused, 4u);
}

TEST_F(peer_door_test, a_second_process_of_a_node_ends_the_connections_of_the_first) {
  auto control = admitted(2);
  auto bulk = admitted(2, lane::bulk);
  auto anew = knock();
  ASSERT_TRUE(anew.greet(hello_of(2, 100)));
  EXPECT_TRUE(control.is_closed_by_other());
  EXPECT_TRUE(bulk.is_closed_by_other());
  auto elsewhere = hello_of(2, 101);
  elsewhere.from.at.port = 2;
  EXPECT_EQ(knock().greet(elsewhere)->refusal, refusal_code::node_id_taken);
  anew.send(peer::ping{1});
  node_.told->wait([](const state& s) { return !s.pings.empty(); });
}

TEST_F(peer_door_test, ten_thousand_silent_connections_keep_nobody_out) {
  std::deque<raw_peer> crowd;
  auto first = knock();
  for (int i = 0; i < 10'000; ++i) {
    if (crowd.size() == 300)
      crowd.pop_front();
    crowd.emplace_back(node_.port());
  }
  EXPECT_TRUE(first.is_closed_by_other()) << "the oldest gives way";
  expect_alive();
}

TEST(peer_door, who_says_nothing_is_closed_in_time) {
  linked_node::settings hasty;
  hasty.limits.hello = std::chrono::milliseconds{20};
  linked_node node{1, 10, hasty};
  raw_peer silent{node.port()};
  EXPECT_TRUE(silent.is_closed_by_other());
  raw_peer slow{node.port()};
  slow.send("\0\0"s);
  EXPECT_TRUE(slow.is_closed_by_other());
  EXPECT_EQ(node.links->counts().broken, 2u);
}

} // namespace
} // namespace chisme::nodes
