// Where the command line meets the process: arguments, environment, streams, files.

#include "nodes/cli/commands.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace chisme::cli {

namespace {

constexpr size_t max_config_file = 1 << 20;

std::map<std::string, std::string> read_environ() {
  std::map<std::string, std::string> variables;
  for (auto variable = environ; variable && *variable; ++variable) {
    std::string_view text{*variable};
    if (auto equals = text.find('='); equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

result<std::string> read_config_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return fail(error_code::invalid_config, path + ": " + std::strerror(errno));
  std::string content(max_config_file + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (in.bad())
    return fail(error_code::invalid_config, path + ": cannot be read");
  content.resize(static_cast<size_t>(in.gcount()));
  if (content.size() > max_config_file)
    return fail(error_code::invalid_config, path + ": is larger than 1 MiB, which no configuration is");
  return content;
}

} // namespace

context process_context(int argc, char** argv, node_runner run_node) {
  return {{argv + std::min(argc, 1), argv + argc},
          read_environ(),
          std::cout,
          std::cerr,
          read_config_file,
          std::move(run_node)};
}

} // namespace chisme::cli
