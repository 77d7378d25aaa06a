// The group commands against a real node in this process.
#include "messages/kafka/00_produce.hpp"
#include "nodes/cli/iso_time.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/unit/cli/group_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme {
namespace {

using json = nlohmann::json;
using testing::HasSubstr;

class group_commands : public test::group_fixture {
protected:
  /// To partition 0.
  void append(const std::string& topic, int records) {
    kafka::produce_request r;
    r.acks = -1;
    r.timeout_ms = 30'000;
    r.topics.emplace_back().name = topic;
    r.topics.back().partitions.emplace_back().records = test::make_batch(0, records);
    auto nodes = cluster();
    ASSERT_TRUE(nodes.any().call<kafka::produce_response>(r, 9));
  }
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
  EXPECT_EQ(deleted.err, "chisme group delete: g: NON_EMPTY_GROUP: is in use by worker-1 (chisme-cli at 127.0.0.1); "
                         "stop its members first; chisme group describe shows who they are\n");
}

TEST_F(group_commands, targets_are_clipped_to_what_there_is) {
  auto moved = shell({"group", "reset", "g", "--topic", "orders:1", "--to-offset", "7", "--json", "--execute"});
  EXPECT_EQ(json::parse(moved.out), (json::array({{{"topic", "orders"},
                                                   {"partition", 1},
                                                   {"from", nullptr},
                                                   {"to", 0},
                                                   {"clipped", true},
                                                   {"done", true},
                                                   {"error", nullptr}}})));
  EXPECT_EQ(json::parse(shell({"group", "reset", "g", "--to-latest", "--json"}).out)[0]["clipped"], false);
  EXPECT_THAT(shell({"group", "reset", "g", "--shift-by=-5"}).out, HasSubstr("the nearest offset that there is"));
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
  append("orders", 3);
  shell({"group", "reset", "g", "--topic", "orders:0", "--to-offset", "2", "--execute"});
  const auto to = [&](const std::string& shift) {
    return json::parse(shell({"group", "reset", "g", "--json", "--shift-by=" + shift}).out)[0]["to"];
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

TEST_F(group_commands, a_number_behind_watch_is_meant_as_seconds) {
  const auto wrong = shell({"group", "describe", "--watch", "0.5", "g", "--count", "1"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err, "chisme group describe: behind --watch \"0.5\" is a group: --watch=0.5 says the seconds; a "
                       "group of that name goes before --watch\n"
                       "How it is used: chisme group describe --help\n");
  join("1");
  EXPECT_EQ(shell({"group", "describe", "1", "--watch", "--count", "1"}).code, 0) << "1 is a name";
  EXPECT_EQ(shell({"group", "describe", "--watch", "--count", "1", "--", "1"}).code, 0) << "1 is a name";
  EXPECT_THAT(shell({"group", "describe", "--", "--watch"}).err, HasSubstr("describe: --watch: GROUP_ID_NOT_FOUND"));
}

TEST_F(group_commands, the_lag_of_a_group_is_of_what_it_has_read) {
  const auto headline = [&](const std::string& group) {
    const auto out = shell({"group", "describe", group}).out;
    return out.substr(0, out.find('\n'));
  };
  append("orders", 3);
  join("new");
  EXPECT_THAT(headline("new"), HasSubstr("  lag -  "));
  EXPECT_EQ(described("new")["lag"], nullptr);
  shell({"group", "reset", "half", "--topic", "orders:1", "--to-latest", "--execute"});
  join("half");
  EXPECT_THAT(headline("half"), HasSubstr("  lag 0 in 1 of 2 partitions, 1 without a commit  "));
  EXPECT_EQ(described("half")["lag"], nullptr);
  shell({"group", "reset", "whole", "--topic", "orders", "--to-earliest", "--execute"});
  EXPECT_THAT(headline("whole"), HasSubstr("  lag 3  "));
  EXPECT_EQ(described("whole")["lag"], 3);
}

TEST_F(group_commands, names_too_long_for_the_protocol_name_nothing_else) {
  const std::string longest(32'767, 'g');
  const auto reset = shell({"group", "reset", longest, "--topic", "orders", "--to-latest", "--execute"});
  EXPECT_EQ(reset.code, 0) << reset.err;
  const auto deleted = shell({"group", "delete", longest + "g"});
  EXPECT_EQ(deleted.code, 2);
  EXPECT_EQ(deleted.err, "chisme group delete: \"gggggggggggggggggggg...\" has 32768 bytes, Kafka's protocol takes at "
                         "most 32767\nHow it is used: chisme group delete --help\n");
  EXPECT_EQ(json::parse(shell({"group", "list", "--json"}).out).at(0)["name"], longest);
  EXPECT_EQ(shell({"group", "describe", longest + "g"}).code, 2);
  EXPECT_EQ(shell({"group", "reset", longest + "g", "--to-latest"}).code, 2);
  EXPECT_EQ(shell({"group", "reset", "g", "--to-latest", "--topic", longest + "g"}).code, 2);
  EXPECT_EQ(shell({"group", "delete", longest}).code, 0);
}

TEST_F(group_commands, the_partitions_that_there_are_cure_one_that_there_is_not) {
  const auto told = [&](const std::string& topic) {
    return shell({"group", "reset", "g", "--to-latest", "--topic", topic}).err;
  };
  EXPECT_EQ(told("orders:9"), "chisme group reset: g: there is no orders:9; orders has the partitions 0 to 1\n");
  EXPECT_EQ(told("orders:"), "chisme group reset: g: there is no orders:; orders has the partitions 0 to 1\n");
  shell({"topic", "create", "one"});
  EXPECT_EQ(told("one:1"), "chisme group reset: g: there is no one:1; one has the partition 0 only\n");
  EXPECT_THAT(told("gone:0"), HasSubstr("UNKNOWN_TOPIC_OR_PARTITION: gone:0; chisme topic list shows"));
}

TEST_F(group_commands, times_without_a_zone_are_explained) {
  EXPECT_THAT(shell({"group", "reset", "--help"}).out, HasSubstr("without a zone it is UTC"));
}

const std::string evil = "a\x1b[2Jb\nc\xc2\x9b"
                         "d\x9b";
const std::string harmless = R"(a\x1b[2Jb\x0ac\xc2\x9bd\x9b)";

TEST_F(group_commands, names_command_no_terminal) {
  const auto reset = shell({"group", "reset", evil, "--topic", "orders", "--to-latest", "--execute"});
  EXPECT_EQ(reset.code, 0);
  EXPECT_THAT(shell({"group", "list"}).out, HasSubstr(harmless));
  EXPECT_THAT(shell({"group", "describe", evil}).out, testing::StartsWith("group " + harmless + "  type "));
  EXPECT_EQ(shell({"group", "delete", evil}).out, harmless + ": deleted\n");
}

TEST_F(group_commands, names_command_no_terminal_in_errors) {
  EXPECT_THAT(shell({"group", "describe", evil}).err,
              testing::StartsWith("chisme group describe: " + harmless + ": GROUP_ID_NOT_FOUND"));
  EXPECT_THAT(shell({"group", "delete", evil}).err,
              testing::StartsWith("chisme group delete: " + harmless + ": GROUP_ID_NOT_FOUND"));
  EXPECT_THAT(shell({"group", "reset", evil, "--to-latest"}).err,
              testing::StartsWith("chisme group reset: " + harmless + ": GROUP_ID_NOT_FOUND"));
  EXPECT_THAT(shell({"group", "reset", "g", "--to-latest", "--topic", evil}).err, HasSubstr(harmless));
  EXPECT_THAT(shell({"group", "list", evil}).err, HasSubstr("\"" + harmless + "\" is one argument too many\n"));
  EXPECT_THAT(shell({"group", evil}).err, HasSubstr("chisme: \"group " + harmless + "\" is not a command"));
}

TEST_F(group_commands, names_of_members_command_no_terminal) {
  join_classic("g", "assignor \x1b[2J", "worker \xc2\x9b");
  const auto told = shell({"group", "describe", "g"});
  EXPECT_THAT(told.out, HasSubstr(R"(  assignor assignor \x1b[2J  )"));
  EXPECT_THAT(told.out, HasSubstr(R"(member worker \xc2\x9b (chisme-cli, 127.0.0.1) has no partition)"));
  EXPECT_THAT(shell({"group", "reset", "g", "--topic", "orders", "--to-latest"}).err,
              HasSubstr(R"(is in use by worker \xc2\x9b ()"));
  EXPECT_THAT(shell({"group", "delete", "g"}).err, HasSubstr(R"(is in use by worker \xc2\x9b ()"));
  const auto text = shell({"group", "describe", "g", "--json"}).out;
  EXPECT_THAT(text, HasSubstr(R"("instance": "worker \u009b")"));
  EXPECT_EQ(json::parse(text)[0]["members"][0]["instance"], "worker \xc2\x9b");
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
