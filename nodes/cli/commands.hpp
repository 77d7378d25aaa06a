// The program's command line: which commands there are, and what one of them may touch.
//
// A command reads its arguments and the environment, writes to two streams and returns how it ended; nothing
// else of the process is visible to it, so tests call commands as the shell does.
#pragma once

#include "config/load.hpp"

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace chisme::cli {

/// The program's exit code; scripts rely on it.
enum class outcome : int {
  ok = 0,
  failed = 1, ///< the command was understood and what it tried did not succeed
  usage = 2,  ///< the command line or the configuration is wrong: trying again does not help
};

/// Runs a node until it is told to end; the program's exit code.
using node_runner = std::function<int(const node_settings&)>;

struct context {
  std::vector<std::string> arguments; ///< without the program's name
  std::map<std::string, std::string> environment;
  std::ostream& out;
  std::ostream& err;
  file_reader read_file;
  node_runner run_node;
};

struct command;

/// One call of a command: what follows its words, and where it runs.
struct call {
  const command& self;
  std::vector<std::string> arguments;
  const context& world;

  std::ostream& out() const { return world.out; }

  /// "chisme topic create: message" on stderr, printable as names that others chose may be in it; outcome::failed.
  outcome failed(const std::string& message) const;
  /// The same, and where to read how it is done; outcome::usage.
  outcome wrong(const std::string& message) const;
};

struct command {
  std::string_view words;     ///< "topic create"
  std::string_view arguments; ///< "NAME..."
  std::string_view summary;
  outcome (*run)(const call&);
};

/// All commands, in the order of the help.
std::span<const command> commands();

/// A line for each command, or for each of those that begin with a word: those of "topic".
void print_overview(std::ostream& out, const std::string& first_word = {});

/// Finds the command that the arguments begin with and runs it; the exit code.
int run(const context& world);

/// The context of this process: its arguments, environment, streams and files.
context process_context(int argc, char** argv, node_runner run_node);

outcome run_node(const call&);
outcome create_topics(const call&);
outcome list_topics(const call&);
outcome describe_topics(const call&);
outcome alter_topic(const call&);
outcome delete_topics(const call&);
outcome list_groups(const call&);
outcome describe_groups(const call&);
outcome reset_group(const call&);
outcome delete_groups(const call&);
outcome cluster_status(const call&);
outcome dump_log(const call&);
outcome config_example(const call&);
outcome config_describe(const call&);
outcome version(const call&);
outcome help(const call&);

} // namespace chisme::cli
