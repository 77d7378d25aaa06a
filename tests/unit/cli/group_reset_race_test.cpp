// `chisme group reset --execute` where somebody else was faster, against a real node behind a proxy.
#include "tests/unit/cli/group_fixture.hpp"
#include "tests/unit/cli/meddling_proxy.hpp"

#include <gmock/gmock.h>

namespace chisme {
namespace {

using json = nlohmann::json;
using kafka::api_key;
using testing::HasSubstr;

struct behind_a_proxy {
  test::meddling_proxy proxy;
};

class group_reset_race_commands : behind_a_proxy, public test::group_fixture {
protected:
  group_reset_race_commands() : group_fixture(behind_a_proxy::proxy.port()) {
    proxy.forward_to(port());
    shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "127.0.0.1:" + std::to_string(proxy.port())}};
    shell({"topic", "create", "payments"});
  }

  using behind_a_proxy::proxy;
  const std::vector<std::string> reset{"group",   "reset",    "g",           "--topic",  "orders",
                                       "--topic", "payments", "--to-latest", "--execute"};
};

TEST_F(group_reset_race_commands, who_joined_meanwhile_is_named) {
  proxy.before(api_key::offset_commit, [&] { join("g"); });
  const auto told = shell(reset);
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.out, "");
  EXPECT_EQ(told.err, "chisme group reset: g: is in use by worker-1 (chisme-cli at 127.0.0.1); stop them first, they "
                      "would commit over it\n");
}

TEST_F(group_reset_race_commands, who_joined_and_left_is_not_named) {
  proxy.before(api_key::offset_commit, [&] {
    join("g");
    proxy.before(api_key::find_coordinator, [&] { leave("g"); });
  });
  const auto told = shell(reset);
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.err, "chisme group reset: g: UNKNOWN_MEMBER_ID: orders:0, orders:1, payments:0; somebody has just "
                      "joined the group: stop its members and try again\n"
                      "chisme group reset: g: nothing was set\n");
}

TEST_F(group_reset_race_commands, what_was_set_and_what_was_not_is_told) {
  proxy.before(api_key::offset_commit, [&] { shell({"topic", "delete", "orders"}); });
  const auto told = shell(reset);
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.out, "TOPIC     PARTITION  FROM  TO  NOTE\n"
                      "orders            0     -   0  not set: UNKNOWN_TOPIC_OR_PARTITION\n"
                      "orders            1     -   0  not set: UNKNOWN_TOPIC_OR_PARTITION\n"
                      "payments          0     -   0\n"
                      "2 of 3 were not set\n");
  EXPECT_EQ(told.err, "chisme group reset: g: UNKNOWN_TOPIC_OR_PARTITION: orders:0, orders:1; chisme topic list shows "
                      "which topics there are\n"
                      "chisme group reset: g: these were set: payments:0\n");
  EXPECT_EQ(described("g")["partitions"].size(), 1u);
}

TEST_F(group_reset_race_commands, programs_are_told_too) {
  proxy.before(api_key::offset_commit, [&] { shell({"topic", "delete", "orders"}); });
  auto words = reset;
  words.push_back("--json");
  const auto told = shell(words);
  EXPECT_EQ(told.code, 1);
  const auto all = json::parse(told.out);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["done"], false);
  EXPECT_EQ(all[0]["error"], "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(all[2]["done"], true);
  EXPECT_EQ(all[2]["error"], nullptr);
}

} // namespace
} // namespace chisme
