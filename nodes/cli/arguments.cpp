#include "nodes/cli/arguments.hpp"

#include <cmath>
#include <iostream>
#include <limits>

namespace chisme::cli {

namespace {

void print_help(const call& c, const options::options_description& described) {
  c.out() << "chisme " << c.self.words << (c.self.arguments.empty() ? "" : " ") << c.self.arguments << ": "
          << c.self.summary << "\n\n"
          << described << "\nExit code: 0 done, 1 failed, 2 wrong usage.\n";
}

std::string default_server(const call& c) {
  auto variable = c.world.environment.find("CHISME_BOOTSTRAP_SERVER");
  return variable == c.world.environment.end() ? "127.0.0.1:9092" : variable->second;
}

/// The encoder cuts longer ones off, so they must not get that far.
result<void> check_length(const std::string& text) {
  constexpr size_t most = std::numeric_limits<int16_t>::max();
  constexpr size_t shown = 20;
  if (text.size() <= most)
    return {};
  return fail(error_code::invalid_request, "\"" + text.substr(0, shown) + "...\" has " + std::to_string(text.size()) +
                                             " bytes, Kafka's protocol takes at most " + std::to_string(most));
}

result<void> check_lengths(const parsed& arguments) {
  for (auto* option : {"name", "topic", "delete-config"})
    for (auto& text : arguments.list(option))
      if (auto fits = check_length(text); !fits)
        return fits;
  return {};
}

} // namespace

std::vector<std::string> parsed::list(const char* name) const {
  return has(name) ? values[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

parsed parse(const call& c, options::options_description described, size_t least, size_t most) {
  parsed result;
  described.add_options()("help,h", "explains this command");
  options::options_description all;
  all.add(described).add_options()("name", options::value<std::vector<std::string>>());
  options::positional_options_description names;
  names.add("name", -1);
  namespace style = options::command_line_style;
  try {
    options::command_line_parser parser{c.arguments};
    // Guessing would let a script depend on an abbreviation that a later option makes ambiguous.
    parser.options(all).positional(names).style(style::unix_style & ~style::allow_guessing);
    options::store(parser.run(), result.values);
  } catch (const options::error& e) {
    result.ended = c.wrong(e.what());
    return result;
  }
  auto count = result.list("name").size();
  if (result.has("help")) {
    print_help(c, described);
    result.ended = outcome::ok;
  } else if (count < least) {
    result.ended = c.wrong("a name is missing");
  } else if (count > most) {
    result.ended = c.wrong("\"" + result.list("name").back() + "\" is one argument too many");
  }
  return result;
}

options::options_description connection_options(const call& c) {
  options::options_description described{"Options", help_width};
  auto add = described.add_options();
  add("bootstrap-server", options::value<std::string>()->default_value(default_server(c)),
      "any node of the cluster, as host:port; CHISME_BOOTSTRAP_SERVER sets the default");
  add("timeout", options::value<double>()->default_value(15), "seconds that one answer may take");
  add("json", options::bool_switch(), "prints JSON, for programs");
  return described;
}

parsed parse_connected(const call& c, const options::options_description& described, size_t least, size_t most) {
  auto arguments = parse(c, described, least, most);
  if (arguments.ended)
    return arguments;
  if (auto server = server_of(arguments); !server)
    arguments.ended = c.wrong(server.error().message);
  else if (auto timeout = timeout_of(arguments); !timeout)
    arguments.ended = c.wrong(timeout.error().message);
  else if (auto fit = check_lengths(arguments); !fit)
    arguments.ended = c.wrong(fit.error().message);
  return arguments;
}

result<endpoint> server_of(const parsed& arguments) {
  auto& said = arguments.values["bootstrap-server"];
  auto server = parse_host_port(said.as<std::string>());
  if (!server)
    return fail(server.error().code,
                (said.defaulted() ? "CHISME_BOOTSTRAP_SERVER: " : "--bootstrap-server: ") + server.error().message);
  return server;
}

result<std::chrono::milliseconds> timeout_of(const parsed& arguments) {
  const auto seconds = arguments.values["timeout"].as<double>();
  if (!(seconds >= 0.001 && seconds <= 86'400))
    return fail(error_code::invalid_config, "--timeout takes 0.001 to 86400 seconds");
  return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

result<std::vector<std::pair<std::string, std::string>>> key_values(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto& text : texts) {
    auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(error_code::invalid_config, "\"" + text + "\" is not of the form name=value");
    auto& [key, value] = pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    for (auto* part : {&key, &value})
      if (auto fits = check_length(*part); !fits)
        return tl::make_unexpected(fits.error());
  }
  return pairs;
}

} // namespace chisme::cli
