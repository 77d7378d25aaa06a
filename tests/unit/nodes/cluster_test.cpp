// Three nodes in one process, over loopback.
#include "messages/kafka/03_metadata.hpp"
#include "nodes/cli/kafka_client.hpp"
#include "nodes/node.hpp"

#include <boost/asio.hpp>
#include <gmock/gmock.h>

#include <filesystem>
#include <future>
#include <map>
#include <thread>
#include <unistd.h>

namespace chisme::nodes {
namespace {

using tcp = boost::asio::ip::tcp;

class node_cluster : public testing::Test {
protected:
  node_cluster() {
    std::filesystem::remove_all(folder_);
    for (size_t i = 0; i < 3; ++i) {
      auto& s = settings_.emplace_back();
      s.node_id = static_cast<node_id>(i) + 1;
      s.listeners.front().port = 0;
      s.data_dir = folder_ + "/" + std::to_string(s.node_id);
      s.expect = 3;
      s.rack = "rack" + std::to_string(i);
    }
    const auto ports = free_ports();
    for (size_t i = 0; i < 3; ++i) {
      settings_[i].peer_listeners = {{"PEER", "127.0.0.1", ports[i]}};
      settings_[i].seeds = {{"PEER", "127.0.0.1", ports[0]}};
    }
  }
  ~node_cluster() override { std::filesystem::remove_all(folder_); }

  static std::vector<uint16_t> free_ports() {
    boost::asio::io_context context;
    std::vector<tcp::acceptor> held;
    std::vector<uint16_t> ports;
    for (int i = 0; i < 3; ++i) {
      held.emplace_back(context, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0});
      ports.push_back(held.back().local_endpoint().port());
    }
    return ports;
  }

  /// In this order, each once the one before it waits; together they serve.
  void start(const std::vector<size_t>& order) {
    nodes_.clear();
    std::vector<std::future<result<void>>> starting;
    for (size_t i = 0; i < 3; ++i)
      nodes_.push_back(std::make_unique<node>(settings_[i]));
    for (auto i : order)
      starting.push_back(std::async(std::launch::async, [n = nodes_[i].get()] { return n->start(); }));
    for (auto& s : starting) {
      const auto started = s.get();
      ASSERT_TRUE(started) << started.error().message;
    }
  }
  void stop() {
    for (auto& n : nodes_)
      n->stop();
  }
  std::vector<std::string> clusters() const {
    std::vector<std::string> ids;
    for (const auto& n : nodes_)
      ids.push_back(n->cluster_id());
    return ids;
  }

  /// As one of them tells its clients.
  static std::map<node_id, std::string> racks_by(const node& n) {
    std::map<node_id, std::string> racks;
    auto client = cli::kafka_client::open(n.listeners().front(), std::chrono::minutes{1});
    auto told = client->call<kafka::metadata_response>(kafka::metadata_request{});
    if (!told)
      return racks;
    for (const auto& b : told->brokers)
      racks[b.node_id] = b.rack.value_or("");
    return racks;
  }

  const std::string folder_ = testing::TempDir() + "chisme_cluster_" + std::to_string(::getpid());
  std::vector<node_settings> settings_;
  std::vector<std::unique_ptr<node>> nodes_;
};

TEST_F(node_cluster, three_nodes_form_one_in_any_order) {
  start({2, 0, 1});
  const auto id = nodes_.front()->cluster_id();
  EXPECT_FALSE(id.empty());
  EXPECT_THAT(clusters(), testing::Each(id));
  const std::map<node_id, std::string> all{{1, "rack0"}, {2, "rack1"}, {3, "rack2"}};
  for (const auto& n : nodes_)
    while (racks_by(*n) != all) // gossip is on its way
      std::this_thread::yield();
  stop();
  start({1, 2, 0});
  EXPECT_THAT(clusters(), testing::Each(id)) << "and are the same one after a restart";
  stop();
}

} // namespace
} // namespace chisme::nodes
