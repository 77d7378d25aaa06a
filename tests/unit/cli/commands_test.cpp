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
    auto explained = command_line{}({"help", std::string{c.words.substr(0, c.words.find(' '))},
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
  EXPECT_EQ(told.err, "chisme: \"topic lsit\" is not a command; did you mean topic list?\nAll commands: chisme help\n");
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
  EXPECT_THAT(told.err, HasSubstr("--num.partitons: unknown option num.partitons; did you mean num.partitions?"));
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

TEST(command_line, wrong_connection_flags_are_wrong_usage) {
  command_line shell;
  EXPECT_THAT(shell({"topic", "list", "--timeout", "0"}).err, HasSubstr("--timeout takes 0.001 to 86400 seconds"));
  for (auto* timeout : {"0", "-1", "nan", "0.0001", "1e9"})
    EXPECT_EQ(shell({"topic", "list", "--timeout", timeout}).code, 2) << timeout;
  EXPECT_EQ(shell({"topic", "list", "--bootstrap-server", "host:many"}).err,
            "chisme topic list: --bootstrap-server: \"many\" is not a port: expected a number from 0 to 65535\n"
            "How it is used: chisme topic list --help\n");
  for (std::vector<std::string> words : {std::vector<std::string>{"topic", "list"},
                                         {"topic", "create", "a"},
                                         {"topic", "describe"},
                                         {"topic", "alter", "a", "--partitions", "2"},
                                         {"topic", "delete", "a"},
                                         {"group", "list"},
                                         {"group", "describe", "g"},
                                         {"group", "reset", "g", "--to-latest"},
                                         {"group", "delete", "g"},
                                         {"cluster", "status"}}) {
    words.push_back("--bootstrap-server=");
    EXPECT_EQ(shell(words).code, 2) << words[0] << " " << words[1];
  }
  shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "[::1"}};
  const auto told = shell({"topic", "list"});
  EXPECT_EQ(told.code, 2);
  EXPECT_THAT(told.err, HasSubstr("CHISME_BOOTSTRAP_SERVER: \"[::1\" has '[' without ']'"));
}

TEST(command_line, flags_are_looked_at_before_a_node_is) {
  command_line shell;
  shell.environment = {{"CHISME_BOOTSTRAP_SERVER", "127.0.0.1:1"}};
  EXPECT_EQ(shell({"group", "describe", "g", "--watch=0"}).code, 2);
}

TEST(command_line, names_too_long_for_the_protocol_are_wrong_usage) {
  const std::string name(32'768, 't');
  for (std::vector<std::string> words : {std::vector<std::string>{"topic", "create", name},
                                         {"topic", "describe", name},
                                         {"topic", "alter", name, "--partitions", "2"},
                                         {"topic", "alter", "t", "--config", name + "=1"},
                                         {"topic", "alter", "t", "--config", "a=" + name},
                                         {"topic", "alter", "t", "--delete-config", name},
                                         {"topic", "delete", "fine", name}}) {
    const auto told = command_line{}(words);
    EXPECT_EQ(told.code, 2) << words[1];
    EXPECT_THAT(told.err, HasSubstr("\"tttttttttttttttttttt...\" has 32768 bytes")) << words[1];
  }
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

TEST(table, columns_count_characters_and_not_their_bytes) {
  cli::table rows{{"NAME", ">SIZE"}};
  rows.add({"caf\xc3\xa9", "1"});
  rows.add({"caf\xc3", "22"});
  rows.add({"coffee", "\xe2\x82\xac"});
  std::ostringstream out;
  rows.print(out);
  EXPECT_EQ(out.str(), "NAME     SIZE\n"
                       "caf\xc3\xa9        1\n"
                       "caf\\xc3    22\n"
                       "coffee      \xe2\x82\xac\n");
}

TEST(table, bytes_for_people) {
  EXPECT_EQ(cli::human_bytes(0), "0 B");
  EXPECT_EQ(cli::human_bytes(1023), "1023 B");
  EXPECT_EQ(cli::human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(cli::human_bytes(2ll << 30), "2.0 GiB");
}

} // namespace
} // namespace chisme
