#include "nodes/cli/commands.hpp"

#include "config/edit_distance.hpp"
#include "messages/printable.hpp"

#include <algorithm>
#include <ostream>

namespace chisme::cli {

namespace {

constexpr command all_commands[] = {
  {"node", "", "runs a node", run_node},
  {"topic create", "NAME...", "creates topics", create_topics},
  {"topic list", "", "lists topics", list_topics},
  {"topic describe", "[NAME...]", "shows partitions, leaders, offsets, sizes and configs", describe_topics},
  {"topic alter", "NAME", "changes configs, adds partitions", alter_topic},
  {"topic delete", "NAME...", "deletes topics and their records", delete_topics},
  {"group list", "", "lists consumer groups", list_groups},
  {"group describe", "NAME...", "shows who reads what in a group, and how far behind", describe_groups},
  {"group reset", "NAME", "moves what a group has committed: shows what it would do, --execute does it", reset_group},
  {"group delete", "NAME...", "deletes groups and what they have committed", delete_groups},
  {"cluster status", "", "shows nodes, partitions and whether all is well; the exit code is 1 where it is not",
   cluster_status},
  {"log dump", "FILE|FOLDER...", "reads segment files without a node: batches, records, checksums", dump_log},
  {"config example", "", "prints a configuration file with every option", config_example},
  {"config describe", "", "prints the options a node would start with, and where each comes from", config_describe},
  {"version", "", "prints the version", version},
  {"help", "[COMMAND]", "explains the commands", help},
};

std::vector<std::string> words_of(const command& c) {
  std::string words{c.words};
  auto blank = words.find(' ');
  if (blank == std::string::npos)
    return {words};
  return {words.substr(0, blank), words.substr(blank + 1)};
}

bool begins_with(const std::vector<std::string>& arguments, const std::vector<std::string>& words) {
  return arguments.size() >= words.size() && std::equal(words.begin(), words.end(), arguments.begin());
}

/// "topic", which is no command by itself.
bool is_first_word(const std::string& argument) {
  return std::ranges::any_of(all_commands, [&](auto& c) { return c.words.starts_with(argument + " "); });
}

bool asks_for_help(const std::string& argument) { return argument == "--help" || argument == "-h"; }

/// What was meant by words that are no command: "; did you mean topic list?", or nothing.
std::string suggestion(const std::vector<std::string>& arguments) {
  auto said = arguments.front();
  if (arguments.size() > 1 && !arguments[1].starts_with("-"))
    said += " " + arguments[1];
  size_t best = 4;
  std::string_view found;
  for (auto& c : all_commands)
    if (auto distance = edit_distance(said, c.words, best); distance < best) {
      best = distance;
      found = c.words;
    }
  return found.empty() ? "" : "; did you mean " + std::string{found} + "?";
}

outcome dispatch(const context& world) {
  auto arguments = world.arguments;
  if (arguments.empty()) {
    print_overview(world.out);
    return outcome::usage;
  }
  if (asks_for_help(arguments.front()))
    arguments.front() = "help";
  if (arguments.front() == "--version")
    arguments.front() = "version";
  for (auto& c : all_commands)
    if (auto words = words_of(c); begins_with(arguments, words)) {
      auto rest = arguments.begin() + static_cast<ptrdiff_t>(words.size());
      return c.run({c, {rest, arguments.end()}, world});
    }
  if (is_first_word(arguments.front()) && (arguments.size() == 1 || asks_for_help(arguments[1]))) {
    print_overview(world.out, arguments.front());
    return arguments.size() == 1 ? outcome::usage : outcome::ok;
  }
  const auto said = arguments.front() + (arguments.size() > 1 ? " " + arguments[1] : "");
  world.err << "chisme: \"" << printable(said) << "\" is not a command" << suggestion(arguments)
            << "\nAll commands: chisme help\n";
  return outcome::usage;
}

} // namespace

std::span<const command> commands() { return all_commands; }

int run(const context& world) {
  const auto ended = dispatch(world);
  if (world.out.flush())
    return static_cast<int>(ended);
  world.err << "chisme: what is to be printed cannot be written\n";
  return static_cast<int>(outcome::failed);
}

outcome call::failed(const std::string& message) const {
  world.err << "chisme " << self.words << ": " << printable(message) << "\n";
  return outcome::failed;
}

outcome call::wrong(const std::string& message) const {
  world.err << "chisme " << self.words << ": " << printable(message) << "\nHow it is used: chisme " << self.words
            << " --help\n";
  return outcome::usage;
}

} // namespace chisme::cli
