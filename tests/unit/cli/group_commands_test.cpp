// The group commands against a real node in this process.
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "nodes/cli/group_details.hpp"
#include "nodes/cli/iso_time.hpp"
#include "nodes/node.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme {
namespace {

using json = nlohmann::json;
using testing::HasSubstr;

class group_commands : public testing::Test {
protected:
  group_commands() : folder_(testing::TempDir() + "chisme-cli-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    start(0);
    shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "127.0.0.1:" + std::to_string(port())}};
    shell({"topic", "create", "orders", "--partitions", "2"});
  }
  ~group_commands() override {
    node_->stop();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(uint16_t at) {
    node_settings settings;
    settings.listeners = {{"PLAINTEXT", "127.0.0.1", at}};
    settings.data_dir = folder_;
    settings.offsets_topic_partitions = 3;
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

  json described(const std::string& group) {
    auto told = shell({"group", "describe", group, "--json"});
    EXPECT_EQ(told.code, 0) << told.err;
    return json::parse(told.out).at(0);
  }

  /// A member of the consumer protocol that has joined, and got all partitions.
  void join(const std::string& group) {
    auto nodes = cli::cluster::open({"PLAINTEXT", "127.0.0.1", port()}, std::chrono::seconds{30});
    auto coordinator = cli::coordinator_of(*nodes, group);
    ASSERT_TRUE(coordinator) << coordinator.error().message;
    kafka::consumer_group_heartbeat_request r;
    r.group_id = group;
    r.member_id = "worker-1";
    r.rebalance_timeout_ms = 60'000;
    r.subscribed_topic_names = {"orders"};
    r.topic_partitions.emplace();
    auto answer = (*coordinator)->call<kafka::consumer_group_heartbeat_response>(r);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->error, error_code::none) << answer->error_message.value_or("");
  }

  test::command_line shell;

private:
  std::string folder_;
  std::optional<nodes::node> node_;
};

TEST_F(group_commands, a_group_is_given_offsets_shown_and_deleted) {
  EXPECT_EQ(json::parse(shell({"group", "list", "--json"}).out), json::array());
  auto planned = shell({"group", "reset", "g", "--topic", "orders", "--to-latest"});
  EXPECT_EQ(planned.code, 0) << planned.err;
  EXPECT_EQ(planned.out, "TOPIC   PARTITION  FROM  TO  NOTE\n"
                         "orders          0     -   0\n"
                         "orders          1     -   0\n"
                         "nothing was changed: --execute does it\n");
  EXPECT_EQ(json::parse(shell({"group", "list", "--json"}).out), json::array()) << "it was only shown";
  EXPECT_EQ(shell({"group", "reset", "g", "--topic", "orders", "--to-latest", "--execute"}).code, 0);
  EXPECT_EQ(json::parse(shell({"group", "list", "--json"}).out)[0]["name"], "g");
  auto g = described("g");
  EXPECT_EQ(g["state"], "Empty");
  ASSERT_EQ(g["partitions"].size(), 2u);
  EXPECT_EQ(g["partitions"][1]["committed"], 0);
  EXPECT_EQ(g["partitions"][1]["lag"], 0);
  EXPECT_EQ(g["partitions"][1]["member"], nullptr);
  EXPECT_EQ(shell({"group", "delete", "g"}).out, "g: deleted\n");
  EXPECT_EQ(json::parse(shell({"group", "list", "--json"}).out), json::array());
}

TEST_F(group_commands, a_group_in_use_is_neither_reset_nor_deleted) {
  join("g");
  auto g = described("g");
  EXPECT_EQ(g["type"], "consumer");
  EXPECT_EQ(g["members"][0]["id"], "worker-1");
  EXPECT_EQ(g["partitions"][0]["member"], "worker-1");
  EXPECT_EQ(g["partitions"][0]["committed"], nullptr);
  auto reset = shell({"group", "reset", "g", "--topic", "orders", "--to-latest", "--execute"});
  EXPECT_EQ(reset.code, 1);
  EXPECT_THAT(reset.err, HasSubstr("is in use by worker-1 (chisme-cli at 127.0.0.1)"));
  auto deleted = shell({"group", "delete", "g"});
  EXPECT_EQ(deleted.code, 1);
  EXPECT_THAT(deleted.err, HasSubstr("NON_EMPTY_GROUP"));
}

TEST_F(group_commands, targets_are_clipped_to_what_there_is) {
  auto moved = shell({"group", "reset", "g", "--topic", "orders:1", "--to-offset", "7", "--json", "--execute"});
  EXPECT_EQ(json::parse(moved.out),
            (json::array({{{"topic", "orders"}, {"partition", 1}, {"from", nullptr}, {"to", 0}, {"done", true}}})));
  EXPECT_THAT(shell({"group", "reset", "g", "--shift=-5"}).out, HasSubstr("the nearest offset that there is"));
  EXPECT_EQ(shell({"group", "reset", "g", "--to-time", "2026-11-23T10:00:00Z"}).code, 0);
}

TEST_F(group_commands, partitions_may_be_named_twice) {
  const auto moved = [&](std::vector<std::string> topics) {
    std::vector<std::string> words{"group", "reset", "g", "--to-latest", "--json"};
    for (auto& t : topics)
      words.insert(words.end(), {"--topic", t});
    return json::parse(shell(words).out).size();
  };
  EXPECT_EQ(moved({"orders", "orders"}), 2u);
  EXPECT_EQ(moved({"orders", "orders:0"}), 2u);
  EXPECT_EQ(moved({"orders:1", "orders:1"}), 1u);
  EXPECT_EQ(shell({"group", "reset", "g", "--to-latest", "--topic", "orders", "--topic", "orders:2"}).code, 1);
}

TEST_F(group_commands, a_shift_beyond_all_numbers_ends_at_the_end) {
  kafka::produce_request r;
  r.acks = -1;
  r.timeout_ms = 30'000;
  r.topics.emplace_back().name = "orders";
  auto& p = r.topics.back().partitions.emplace_back();
  p.records = test::make_batch(0, 3);
  auto nodes = cli::cluster::open({"PLAINTEXT", "127.0.0.1", port()}, std::chrono::seconds{30});
  ASSERT_TRUE(nodes->any().call<kafka::produce_response>(r, 9));
  shell({"group", "reset", "g", "--topic", "orders:0", "--to-offset", "2", "--execute"});
  const auto to = [&](const std::string& shift) {
    return json::parse(shell({"group", "reset", "g", "--json", "--shift=" + shift}).out)[0]["to"];
  };
  EXPECT_EQ(to("9223372036854775807"), 3);
  EXPECT_EQ(to("-9223372036854775808"), 0);
  EXPECT_EQ(to("-1"), 1);
}

TEST_F(group_commands, a_restarted_node_is_found_again) {
  auto nodes = cli::cluster::open({"PLAINTEXT", "127.0.0.1", port()}, std::chrono::seconds{30});
  restart();
  EXPECT_FALSE(nodes->metadata(std::nullopt)) << "the connection is gone";
  EXPECT_TRUE(nodes->metadata(std::nullopt));
}

TEST_F(group_commands, watching_has_bounds) {
  EXPECT_EQ(shell({"group", "describe", "g", "--watch=-1"}).code, 2);
  EXPECT_EQ(shell({"group", "describe", "g", "--watch=nan"}).code, 2);
  EXPECT_EQ(shell({"group", "describe", "g", "--count", "2"}).code, 2);
  EXPECT_EQ(shell({"group", "describe", "g", "--watch", "--count", "-5"}).code, 2);
  join("g");
  const auto twice = shell({"group", "describe", "--watch=0.1", "g", "--count", "2"});
  EXPECT_EQ(twice.code, 0) << twice.err;
  EXPECT_EQ(shell({"group", "describe", "--watch", "g", "--count", "1"}).code, 0) << "g is a name";
}

TEST_F(group_commands, names_command_no_terminal) {
  const std::string name = "a\x1b[2Jb\nc";
  shell({"group", "reset", name, "--topic", "orders", "--to-latest", "--execute"});
  const auto told = shell({"group", "list"});
  EXPECT_THAT(told.out, HasSubstr("a\\x1b[2Jb\\x0ac"));
}

TEST_F(group_commands, mistakes_are_named) {
  EXPECT_EQ(shell({"group", "reset", "g"}).code, 2);
  EXPECT_EQ(shell({"group", "reset", "g", "--to-latest", "--to-earliest"}).code, 2);
  EXPECT_THAT(shell({"group", "reset", "g", "--to-time", "yesterday"}).err, HasSubstr("is no time like"));
  auto unknown = shell({"group", "describe", "gone"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("gone: GROUP_ID_NOT_FOUND"));
  EXPECT_THAT(shell({"group", "reset", "g", "--topic", "gone", "--to-latest"}).err,
              HasSubstr("UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_EQ(shell({"group", "delete", "gone", "--if-exists"}).out, "gone: does not exist\n");
}

TEST(iso_time, forms_that_people_write) {
  EXPECT_EQ(cli::parse_time("1970-01-02").value(), 86'400'000);
  EXPECT_EQ(cli::parse_time("1970-01-01T00:00:01.5Z").value(), 1'500);
  EXPECT_EQ(cli::parse_time("1970-01-01 02:00+01:30").value(), 30 * 60'000);
  EXPECT_EQ(cli::parse_time("1795453788723").value(), 1'795'453'788'723);
  EXPECT_FALSE(cli::parse_time("2026-02-30"));
  EXPECT_FALSE(cli::parse_time("2026-01-01T25:00"));
  EXPECT_FALSE(cli::parse_time(""));
  EXPECT_FALSE(cli::parse_time("1969-12-31T23:59:59.999Z")) << "-1 is what Kafka calls the end";
}

} // namespace
} // namespace chisme
