#include "nodes/cli/commands.hpp"

#include <iostream>

namespace chisme::cli {

void print_overview(std::ostream& out, const std::string& first_word) {
  out << "chisme: a Kafka-compatible streaming log\n\n";
  constexpr size_t column = 30;
  for (auto& c : commands()) {
    if (!first_word.empty() && !c.words.starts_with(first_word + " "))
      continue;
    auto left = std::string{c.words} + (c.arguments.empty() ? "" : " ") + std::string{c.arguments};
    out << "  chisme " << left << std::string(left.size() < column ? column - left.size() : 1, ' ') << c.summary
        << "\n";
  }
  out << "\nEach command explains itself with --help. Exit codes: 0 done, 1 failed, 2 wrong usage.\n";
}

outcome help(const call& c) {
  if (c.arguments.empty()) {
    print_overview(c.out());
    return outcome::ok;
  }
  auto asked = c.world;
  asked.arguments = c.arguments;
  asked.arguments.emplace_back("--help");
  return static_cast<outcome>(cli::run(asked));
}

outcome version(const call& c) {
  c.out() << "chisme " << CHISME_VERSION << "\n";
  return outcome::ok;
}

} // namespace chisme::cli
