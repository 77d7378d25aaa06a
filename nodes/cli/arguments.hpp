// Flags of the commands that talk to a cluster, by Boost.Program_options. (A node's options come from the
// options table and are read by config/load.hpp, which must report all mistakes and not just the first.)
#pragma once

#include "config/endpoint.hpp"
#include "nodes/cli/commands.hpp"

#include <boost/program_options.hpp>
#include <chrono>
#include <optional>

namespace chisme::cli {

namespace options = boost::program_options;

/// Columns of what --help prints.
inline constexpr unsigned help_width = 110;

/// A command's parsed arguments, or how it has already ended (help was asked for, the command line is wrong).
struct parsed {
  options::variables_map values;
  std::optional<outcome> ended;

  bool has(const char* name) const { return values.count(name) > 0; }
  bool flag(const char* name) const { return values[name].as<bool>(); }
  std::vector<std::string> list(const char* name) const;
};

/// Reads the call's arguments: `described` plus --help; arguments without a flag go to the option "name".
/// Takes at least `least` and at most `most` of those.
parsed parse(const call&, options::options_description described, size_t least, size_t most);

/// --bootstrap-server, --timeout and --json.
options::options_description connection_options(const call&);

/// The same as parse for a command with connection_options. Wrong are also a server that is none, a timeout that is
/// none, and names that are too long for Kafka's protocol: what is left of them could name something else.
parsed parse_connected(const call&, const options::options_description& described, size_t least, size_t most);

/// Where --bootstrap-server, or else the environment, says that a node is. The error says which of them is wrong.
result<endpoint> server_of(const parsed&);

/// How long --timeout lets one answer take.
result<std::chrono::milliseconds> timeout_of(const parsed&);

/// "key=value" texts of a repeatable flag as pairs, in order. Fails for one without '=', with an empty key, or with
/// either of them too long for Kafka's protocol.
result<std::vector<std::pair<std::string, std::string>>> key_values(const std::vector<std::string>& texts);

} // namespace chisme::cli
