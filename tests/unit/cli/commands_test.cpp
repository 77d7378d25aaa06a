#include "config/texts.hpp"
#include "nodes/cli/table.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme {
namespace {

using test::command_line;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(command_line, without_a_command_it_explains_itself_and_that_is_wrong_usage) {
  auto told = command_line{}({});
  EXPECT_EQ(told.code, 2);
  EXPECT_THAT(told.out, HasSubstr("chisme topic create NAME..."));
}

TEST(command_line, help_names_every_command_and_each_explains_itself) {
  auto overview = command_line{}({"help"});
  EXPECT_EQ(overview.code, 0);
  EXPECT_EQ(command_line{}({"--help"}).out, overview.out);
  for (auto& c : cli::commands()) {
    EXPECT_THAT(overview.out, HasSubstr("chisme " + std::string{c.words} + " "));
    if (c.words == "help" || c.words == "version" || c.words == "config example")
      continue;
    auto explained =
        command_line{}({"help", std::string{c.words.substr(0, c.words.find(' '))},
                        std::string{c.words.substr(std::min(c.words.find(' ') + 1, c.words.size()))}});
    if (c.words == "node")
      explained = command_line{}({"help", "node"});
    EXPECT_EQ(explained.code, 0) << c.words;
    EXPECT_THAT(explained.out, StartsWith("chisme " + std::string{c.words})) << c.words;
    EXPECT_EQ(explained.err, "") << c.words;
  }
}

TEST(command_line, the_first_word_of_commands_explains_them) {
  const auto told = command_line{}({"group", "--help"});
  EXPECT_EQ(told.code, 0);
  EXPECT_THAT(told.out, HasSubstr("chisme group list"));
  EXPECT_THAT(told.out, Not(HasSubstr("chisme topic")));
  EXPECT_EQ(command_line{}({"help", "group"}).out, told.out);
  EXPECT_EQ(command_line{}({"group"}).out, told.out);
  EXPECT_EQ(command_line{}({"group"}).code, 2);
}

TEST(command_line, a_word_that_is_no_command_gets_the_nearest_one) {
  auto told = command_line{}({"topic", "lsit"});
  EXPECT_EQ(told.code, 2);
  EXPECT_EQ(told.err,
            "chisme: \"topic lsit\" is not a command; did you mean topic list?\nAll commands: chisme help\n");
}

TEST(command_line, version_is_that_of_the_project) {
  EXPECT_THAT(command_line{}({"version"}).out, testing::MatchesRegex("chisme [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(command_line{}({"--version"}).out, command_line{}({"version"}).out);
}

TEST(command_line, node_starts_with_what_was_said_and_its_exit_code_is_the_programs) {
  command_line shell;
  node_settings started;
  shell.run_node = [&](const node_settings& settings) {
    started = settings;
    return 1;
  };
  shell.environment = {{"CHISME_NODE_ID", "7"}};
  EXPECT_EQ(shell({"node", "--num.partitions", "3"}).code, 1);
  EXPECT_EQ(started.node_id, 7);
  EXPECT_EQ(started.num_partitions, 3);
}

TEST(command_line, node_with_mistakes_tells_all_of_them_and_starts_nothing) {
  command_line shell;
  bool started = false;
  shell.run_node = [&](const node_settings&) { return started = true; };
  auto told = shell({"node", "--num.partitons", "3", "--node.id=x", "--config", "gone"});
  EXPECT_EQ(told.code, 2);
  EXPECT_FALSE(started);
  EXPECT_THAT(told.err,
              HasSubstr("--num.partitons: unknown option num.partitons; did you mean num.partitions?"));
  EXPECT_THAT(told.err, HasSubstr("--node.id: \"x\" is not an integer from 0 to 2147483647"));
  EXPECT_THAT(told.err, HasSubstr("gone: No such file or directory"));
}

TEST(command_line, config_example_is_the_checked_in_file) {
  EXPECT_EQ(command_line{}({"config", "example"}).out, example_file());
  EXPECT_EQ(command_line{}({"config", "example", "x"}).code, 2);
}

TEST(command_line, config_describe_tells_values_and_where_they_come_from) {
  auto told = command_line{}({"config", "describe", "--log.level=debug", "--json"});
  ASSERT_EQ(told.code, 0);
  std::map<std::string, std::pair<std::string, std::string>> found;
  for (auto& option : nlohmann::json::parse(told.out))
    if (option["value"].is_string())
      found[option["name"]] = {option["value"], option["origin"]};
  EXPECT_EQ(found.at("log.level"), std::make_pair(std::string{"debug"}, std::string{"--log.level"}));
  EXPECT_EQ(found.at("node.id"), std::make_pair(std::string{"1"}, std::string{"default"}));
  EXPECT_THAT(command_line{}({"config", "describe"}).out, HasSubstr("log.level "));
}

TEST(command_line, wrong_flags_of_topic_commands_are_wrong_usage) {
  command_line shell;
  EXPECT_THAT(shell({"topic", "create"}).err, HasSubstr("chisme topic create: a name is missing"));
  EXPECT_EQ(shell({"topic", "create"}).code, 2);
  EXPECT_EQ(shell({"topic", "create", "a", "--partitions", "many"}).code, 2);
  EXPECT_EQ(shell({"topic", "create", "a", "--part", "3"}).code, 2) << "flags are not abbreviated";
  EXPECT_EQ(shell({"topic", "create", "a", "--config", "retention.ms"}).code, 2);
  EXPECT_THAT(shell({"topic", "alter", "a", "b"}).err, HasSubstr("\"b\" is one argument too many"));
  EXPECT_THAT(shell({"topic", "alter", "a"}).err, HasSubstr("nothing to change"));
}

TEST(table, columns_are_as_wide_as_their_widest_cell) {
  cli::table rows{{"NAME", ">SIZE", "NOTE"}};
  rows.add({"a", "12345", ""});
  rows.add({"longer", "1", "x"});
  std::ostringstream out;
  rows.print(out);
  EXPECT_EQ(out.str(), "NAME     SIZE  NOTE\n"
                       "a       12345\n"
                       "longer      1  x\n");
}

TEST(table, bytes_for_people) {
  EXPECT_EQ(cli::human_bytes(0), "0 B");
  EXPECT_EQ(cli::human_bytes(1023), "1023 B");
  EXPECT_EQ(cli::human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(cli::human_bytes(2ll << 30), "2.0 GiB");
}

} // namespace
} // namespace chisme
