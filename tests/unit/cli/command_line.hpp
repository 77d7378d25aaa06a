// Calls the program's command line as a shell does, within the test.
#pragma once

#include "nodes/cli/commands.hpp"

#include <sstream>

namespace chisme::test {

struct told {
  int code;
  std::string out;
  std::string err;
};

struct command_line {
  std::map<std::string, std::string> environment;
  file_reader read_file = [](const std::string& path) -> result<std::string> {
    return fail(error_code::invalid_config, path + ": No such file or directory");
  };
  cli::node_runner run_node = [](const node_settings&) { return 0; };

  told operator()(std::vector<std::string> arguments) const {
    std::ostringstream out, err;
    auto code = cli::run({std::move(arguments), environment, out, err, read_file, run_node});
    return {code, out.str(), err.str()};
  }
};

} // namespace chisme::test
