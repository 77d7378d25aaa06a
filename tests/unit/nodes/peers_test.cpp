// A node with a peer port, and the rest of the cluster played by the test.
#include "nodes/node.hpp"
#include "tests/support/peer_socket.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>
#include <unistd.h>

namespace chisme::nodes {
namespace {

using tcp = boost::asio::ip::tcp;

class node_peers : public testing::Test {
protected:
  node_peers() {
    settings_.listeners.front().port = 0;
    settings_.data_dir = folder_;
    settings_.node_id = 7;
    settings_.expect = 1;
  }
  ~node_peers() override { std::filesystem::remove_all(folder_); }

  std::string folder_ = testing::TempDir() + "chisme_peers_" + std::to_string(::getpid());
  node_settings settings_;
};

TEST_F(node_peers, answers_a_hello_and_dials_its_seeds) {
  boost::asio::io_context context;
  tcp::acceptor seed{context, {boost::asio::ip::address_v4::loopback(), 0}};
  settings_.peer_listeners = {{"PEER", "127.0.0.1", 0}};
  settings_.advertised_peer_listener = {{"PEER", "node7.example", 9093}};
  settings_.seeds = {{"PEER", "127.0.0.1", seed.local_endpoint().port()}};
  node n{settings_};
  ASSERT_TRUE(n.start());

  test::raw_peer at_seed{seed};
  const auto came = at_seed.receive();
  ASSERT_TRUE(came);
  const auto& hello = std::get<peer::hello>(*came);
  EXPECT_EQ(hello.from.id, 7);
  EXPECT_EQ(hello.from.at, (peer::address{"node7.example", 9093}));

  peer::process other;
  other.id = 8;
  other.process_id = 80;
  other.cluster_id = n.cluster_id();
  other.at = {"127.0.0.1", seed.local_endpoint().port()};
  const auto port = n.peer_listeners().front().port;
  const auto answer = test::raw_peer{port}.greet({other, peer::lane::control});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refusal, peer::refusal_code::none);
  EXPECT_EQ(answer->from.process_id, hello.from.process_id);
  EXPECT_EQ(answer->from.cluster_id, n.cluster_id());
  other.cluster_id = "d";
  const auto refused = test::raw_peer{port}.greet({other, peer::lane::control});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->refusal, peer::refusal_code::other_cluster);
  n.stop();
}

TEST_F(node_peers, one_that_is_to_join_waits_until_it_is_told_to_end) {
  settings_.peer_listeners = {{"PEER", "127.0.0.1", 0}};
  settings_.seeds = {{"PEER", "127.0.0.1", 1}};
  settings_.expect = 0;
  node n{settings_};
  auto started = std::async(std::launch::async, [&n] { return n.start(); });
  n.give_up_start();
  const auto outcome = started.get();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, testing::HasSubstr("told to end"));
  EXPECT_TRUE(n.is_given_up());
}

TEST_F(node_peers, one_that_was_alone_is_the_first_voter_of_its_cluster) {
  std::string id;
  {
    node alone{settings_};
    ASSERT_TRUE(alone.start());
    id = alone.cluster_id();
    alone.stop();
  }
  settings_.peer_listeners = {{"PEER", "127.0.0.1", 0}};
  settings_.seeds = {{"PEER", "127.0.0.1", 1}};
  settings_.expect = 0;
  node n{settings_};
  ASSERT_TRUE(n.start());
  EXPECT_EQ(n.cluster_id(), id);
  n.stop();
  settings_.peer_listeners.clear();
  node refused{settings_};
  const auto started = refused.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, testing::HasSubstr("--seeds"));
}

TEST_F(node_peers, a_node_without_a_peer_listener_opens_no_port) {
  node n{settings_};
  ASSERT_TRUE(n.start());
  EXPECT_TRUE(n.peer_listeners().empty());
  n.stop();
}

TEST_F(node_peers, a_peer_port_in_use_is_told_with_the_cure) {
  boost::asio::io_context context;
  tcp::acceptor taken{context, {boost::asio::ip::address_v4::loopback(), 0}};
  settings_.peer_listeners = {{"PEER", "127.0.0.1", taken.local_endpoint().port()}};
  node n{settings_};
  const auto started = n.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("--peer.listeners host:port"), std::string::npos) << started.error().message;
}

} // namespace
} // namespace chisme::nodes
