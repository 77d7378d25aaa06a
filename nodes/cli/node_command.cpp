#include "config/texts.hpp"
#include "nodes/cli/commands.hpp"

#include <algorithm>
#include <iostream>

namespace chisme::cli {

namespace {

void print_help(const call& c) {
  c.out() << "chisme node [--config FILE] [--OPTION VALUE]...: " << c.self.summary << "\n\n"
          << "Without any option it keeps its data in ./chisme-data and listens on 127.0.0.1:9092. Options "
             "come from\n"
          << "a file (--config or CHISME_CONFIG), the environment (CHISME_LOG_LEVEL for log.level) and "
             "flags; the\n"
          << "later of these wins. chisme config example prints a file with all of them.\n\n"
          << "Options, with their defaults:\n"
          << options_help() << "\nExit code: 0 ended as told, 1 failed, 2 wrong configuration.\n";
}

} // namespace

outcome run_node(const call& c) {
  if (std::ranges::any_of(c.arguments, [](auto& a) { return a == "--help" || a == "-h"; })) {
    print_help(c);
    return outcome::ok;
  }
  auto loaded = load(c.arguments, c.world.environment, c.world.read_file);
  for (auto& mistake : loaded.mistakes)
    c.wrong(mistake);
  if (!loaded.ok())
    return outcome::usage;
  return static_cast<outcome>(c.world.run_node(loaded.settings));
}

} // namespace chisme::cli
