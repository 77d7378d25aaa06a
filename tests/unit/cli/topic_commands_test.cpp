// The topic commands against a real node in this process.
#include "nodes/node.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme {
namespace {

using json = nlohmann::json;
using testing::HasSubstr;

class topic_commands : public testing::Test {
protected:
  topic_commands() : folder_(testing::TempDir() + "chisme-cli-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    node_settings settings;
    settings.listeners = {{"PLAINTEXT", "127.0.0.1", 0}};
    settings.data_dir = folder_;
    node_.emplace(settings);
    if (auto started = node_->start(); !started)
      throw std::runtime_error{started.error().message};
    auto port = std::to_string(node_->listeners().front().port);
    shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "127.0.0.1:" + port}};
  }

  ~topic_commands() override {
    node_->stop();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }

  json described(const std::string& topic) {
    auto told = shell({"topic", "describe", topic, "--json"});
    EXPECT_EQ(told.code, 0) << told.err;
    return json::parse(told.out).at(0);
  }

  test::command_line shell;

private:
  std::string folder_;
  std::optional<nodes::node> node_;
};

TEST_F(topic_commands, create_describe_list_delete) {
  auto created = shell({"topic", "create", "orders", "--partitions", "3", "--config", "retention.ms=5000"});
  EXPECT_EQ(created.code, 0) << created.err;
  EXPECT_EQ(created.out, "orders: created, 3 partitions\n");

  auto orders = described("orders");
  EXPECT_EQ(orders["partitions"].size(), 3u);
  EXPECT_EQ(orders["configs"], (json{{"retention.ms", "5000"}}));
  EXPECT_EQ(orders["partitions"][2]["partition"], 2);
  EXPECT_EQ(orders["partitions"][2]["replicas"], json::array({1}));
  EXPECT_EQ(orders["partitions"][2]["earliest"], 0);
  EXPECT_EQ(orders["partitions"][2]["latest"], 0);
  EXPECT_EQ(orders["partitions"][2]["problem"], "");
  EXPECT_GE(orders["partitions"][2]["bytes"].get<int64_t>(), 0);
  EXPECT_EQ(orders["id"].get<std::string>().size(), 22u);

  auto listed = shell({"topic", "list", "--json"});
  EXPECT_EQ(json::parse(listed.out)[0]["name"], "orders");
  EXPECT_EQ(json::parse(listed.out)[0]["partitions"], 3);
  EXPECT_THAT(shell({"topic", "list"}).out, HasSubstr("orders           3         1  "));

  EXPECT_EQ(shell({"topic", "delete", "orders"}).out, "orders: deleted\n");
  EXPECT_EQ(json::parse(shell({"topic", "list", "--json"}).out), json::array());
}

TEST_F(topic_commands, what_exists_already_is_a_failure_unless_it_may) {
  EXPECT_EQ(shell({"topic", "create", "a"}).code, 0);
  auto again = shell({"topic", "create", "a", "b"});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.out, "b: created, 1 partitions\n");
  EXPECT_THAT(again.err, HasSubstr("chisme topic create: a: TOPIC_ALREADY_EXISTS"));
  EXPECT_THAT(again.err, HasSubstr("--if-not-exists"));
  auto tolerated = shell({"topic", "create", "a", "--if-not-exists"});
  EXPECT_EQ(tolerated.code, 0);
  EXPECT_EQ(tolerated.out, "a: exists already\n");
}

TEST_F(topic_commands, what_is_not_there_cannot_be_deleted_or_described) {
  auto gone = shell({"topic", "delete", "gone"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr("gone: UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_EQ(shell({"topic", "delete", "gone", "--if-exists"}).out, "gone: does not exist\n");
  auto described = shell({"topic", "describe", "gone"});
  EXPECT_EQ(described.code, 1);
  EXPECT_THAT(described.err, HasSubstr("chisme topic list shows which topics there are"));
  EXPECT_EQ(json::parse(shell({"topic", "list", "--json"}).out), json::array()) << "describing creates nothing";
}

TEST_F(topic_commands, alter_changes_configs_and_adds_partitions) {
  shell({"topic", "create", "a", "--config", "retention.ms=1", "--config", "segment.bytes=4096"});
  auto altered = shell(
    {"topic", "alter", "a", "--partitions", "4", "--config", "retention.ms=2", "--delete-config", "segment.bytes"});
  EXPECT_EQ(altered.code, 0) << altered.err;
  EXPECT_EQ(altered.out, "a: configs changed\na: has 4 partitions\n");
  auto a = described("a");
  EXPECT_EQ(a["partitions"].size(), 4u);
  EXPECT_EQ(a["configs"], (json{{"retention.ms", "2"}}));
}

TEST_F(topic_commands, a_bad_config_is_refused_with_its_reason_and_changes_nothing) {
  shell({"topic", "create", "a"});
  auto refused = shell({"topic", "alter", "a", "--config", "retention.ms=-7", "--partitions", "2"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refused.err, HasSubstr("\"-7\" is not an integer of at least -1"));
  EXPECT_EQ(described("a")["partitions"].size(), 1u);
  EXPECT_EQ(described("a")["configs"], json::object());
}

TEST_F(topic_commands, a_table_for_people) {
  shell({"topic", "create", "a"});
  auto told = shell({"topic", "describe", "a"});
  EXPECT_THAT(told.out, testing::StartsWith("topic a  id "));
  EXPECT_THAT(told.out, HasSubstr("PARTITION  LEADER  EPOCH  REPLICAS  ISR  EARLIEST  LATEST  SIZE  PROBLEM\n"));
}

TEST_F(topic_commands, failures_as_json_for_programs) {
  auto told = shell({"topic", "delete", "gone", "--json"});
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(json::parse(told.out)[0]["topic"], "gone");
  EXPECT_EQ(json::parse(told.out)[0]["error"], "UNKNOWN_TOPIC_OR_PARTITION");
}

} // namespace
} // namespace chisme
