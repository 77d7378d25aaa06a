// "name = text, said there": what the three sources of options are read into. Reading finds mistakes of form
// only; names and values are checked in config/load.hpp, so that all mistakes of all sources are reported
// together.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chisme {

struct assignment {
  std::string name;
  std::string text;
  std::string origin; ///< "chisme.properties:12", "CHISME_LOG_LEVEL", "--log.level"

  friend bool operator==(const assignment&, const assignment&) = default;
};

struct assignments {
  std::vector<assignment> list;      ///< in the order of the source
  std::vector<std::string> mistakes; ///< each begins with its origin
};

/// A file as java.util.Properties.load reads it: name=value, name:value or name value; lines that begin with
/// # or ! are comments; a line that ends in a backslash goes on in the next one; \t \n \r \f and \uXXXX (no
/// surrogates) are understood. A name that is set twice is a mistake here: Kafka silently takes the last.
/// `path` is for origins.
assignments read_properties(std::string_view content, std::string_view path);

/// Variables that begin with CHISME_ and name a node option: CHISME_LOG_LEVEL is log.level. Left out are the
/// command line's own (`CHISME_CONFIG`, `CHISME_BOOTSTRAP_SERVER`) and those that Kubernetes sets for a
/// service called chisme.
assignments read_environment(const std::map<std::string, std::string>& environment);

/// `--name value` and `--name=value`; a value of the first form may not begin with "--". A flag that is
/// repeated counts with its last value.
assignments read_flags(const std::vector<std::string>& arguments);

} // namespace chisme
