// A real node in this process, a shell that talks to it, and members of its groups.
#pragma once

#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/node.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme::test {

class group_fixture : public testing::Test {
protected:
  /// `advertised` is where clients are told to connect to; 0: where the node listens.
  explicit group_fixture(uint16_t advertised = 0)
    : advertised_(advertised), folder_(testing::TempDir() + "chisme-cli-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    start(0);
    shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "127.0.0.1:" + std::to_string(port())}};
    shell({"topic", "create", "orders", "--partitions", "2"});
  }
  ~group_fixture() override {
    node_->stop();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(uint16_t at) {
    node_settings settings;
    settings.listeners = {{"PLAINTEXT", "127.0.0.1", at}};
    if (advertised_ != 0)
      settings.advertised_listeners = {{"PLAINTEXT", "127.0.0.1", advertised_}};
    settings.data_dir = folder_;
    settings.offsets_topic_partitions = 3;
    settings.group_initial_rebalance_delay_ms = 0;
    node_.emplace(settings);
    if (auto started = node_->start(); !started)
      throw std::runtime_error{started.error().message};
  }
  void restart() {
    const auto at = port();
    node_->stop();
    node_.reset();
    start(at);
  }

  uint16_t port() const { return node_->listeners().front().port; }

  cli::cluster cluster() const {
    return std::move(cli::cluster::open({"PLAINTEXT", "127.0.0.1", port()}, std::chrono::seconds{30}).value());
  }

  nlohmann::json described(const std::string& group) {
    auto told = shell({"group", "describe", group, "--json"});
    EXPECT_EQ(told.code, 0) << told.err;
    return nlohmann::json::parse(told.out).at(0);
  }

  /// A member of the consumer protocol that has joined, and got all partitions.
  void join(const std::string& group) { say_epoch(group, 0); }
  void leave(const std::string& group) { say_epoch(group, -1); }

  void say_epoch(const std::string& group, int32_t epoch) {
    auto nodes = cluster();
    auto coordinator = cli::coordinator_of(nodes, group);
    ASSERT_TRUE(coordinator) << coordinator.error().message;
    kafka::consumer_group_heartbeat_request r;
    r.group_id = group;
    r.member_id = "worker-1";
    r.member_epoch = epoch;
    r.rebalance_timeout_ms = 60'000;
    r.subscribed_topic_names = {"orders"};
    r.topic_partitions.emplace();
    auto answer = (*coordinator)->call<kafka::consumer_group_heartbeat_response>(r);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->error, error_code::none) << answer->error_message.value_or("");
  }

  /// A member of the classic protocol that leads its group and got nothing.
  void join_classic(const std::string& group, const std::string& assignor, const std::string& instance) {
    auto nodes = cluster();
    auto coordinator = cli::coordinator_of(nodes, group);
    ASSERT_TRUE(coordinator) << coordinator.error().message;
    kafka::join_group_request r;
    r.group_id = group;
    r.session_timeout_ms = 30'000;
    r.group_instance_id = instance;
    r.protocol_type = "consumer";
    r.protocols.emplace_back().name = assignor;
    auto joined = (*coordinator)->call<kafka::join_group_response>(r);
    ASSERT_TRUE(joined) << joined.error().message;
    ASSERT_EQ(joined->error, error_code::none);
    kafka::sync_group_request s;
    s.group_id = group;
    s.generation_id = joined->generation_id;
    s.member_id = joined->member_id;
    s.group_instance_id = instance;
    s.protocol_type = "consumer";
    s.protocol_name = assignor;
    auto synced = (*coordinator)->call<kafka::sync_group_response>(s);
    ASSERT_TRUE(synced) << synced.error().message;
    ASSERT_EQ(synced->error, error_code::none);
  }

  command_line shell;

private:
  uint16_t advertised_;
  std::string folder_;
  std::optional<nodes::node> node_;
};

} // namespace chisme::test
