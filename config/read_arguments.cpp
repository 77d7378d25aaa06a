#include "config/assignment.hpp"

#include <algorithm>

namespace chisme {

namespace {

constexpr std::string_view prefix = "CHISME_";

/// For a service called "chisme" Kubernetes gives every container CHISME_SERVICE_HOST, CHISME_PORT=tcp://...
/// and more.
bool is_kubernetes(std::string_view name, std::string_view value) {
  return name.find("_SERVICE_HOST") != std::string_view::npos || name.find("_SERVICE_PORT") != std::string_view::npos ||
         name.find("_PORT_") != std::string_view::npos ||
         (name.ends_with("_PORT") && (value.starts_with("tcp://") || value.starts_with("udp://")));
}

bool is_command_line_own(std::string_view name) { return name == "CHISME_CONFIG" || name == "CHISME_BOOTSTRAP_SERVER"; }

std::string option_name(std::string_view variable) {
  std::string name{variable.substr(prefix.size())};
  std::ranges::transform(name, name.begin(), [](char c) {
    if (c == '_')
      return '.';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

} // namespace

assignments read_environment(const std::map<std::string, std::string>& environment) {
  assignments read;
  for (auto& [variable, value] : environment)
    if (variable.starts_with(prefix) && !is_command_line_own(variable) && !is_kubernetes(variable, value))
      read.list.push_back({option_name(variable), value, variable});
  return read;
}

assignments read_flags(const std::vector<std::string>& arguments) {
  assignments read;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with("--") || argument.size() == 2) {
      read.mistakes.push_back("\"" + arguments[i] + "\" is neither a flag nor the value of one");
      continue;
    }
    auto equals = std::min(argument.find('='), argument.size());
    std::string flag{argument.substr(0, equals)};
    auto name = flag.substr(2);
    if (equals < argument.size())
      read.list.push_back({name, std::string{argument.substr(equals + 1)}, flag});
    else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--"))
      read.list.push_back({name, arguments[++i], flag});
    else
      read.mistakes.push_back(flag + ": a value is missing, as in " + flag + "=VALUE");
  }
  return read;
}

} // namespace chisme
