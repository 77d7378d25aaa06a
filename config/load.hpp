// From what was said (file, environment, flags) to the settings of a node.
#pragma once

#include "config/assignment.hpp"
#include "config/node_settings.hpp"

#include <functional>

namespace chisme {

/// Reads a whole file for the loader: its text, or an error whose message names the path and the system's
/// reason.
using file_reader = std::function<result<std::string>(const std::string& path)>;

struct load_result {
  node_settings settings;            ///< of use only where there are no mistakes
  std::vector<std::string> mistakes; ///< all of them, one line each, each with its source

  bool ok() const { return mistakes.empty(); }
};

/// Settings from sources in rising precedence: defaults, the file that `--config FILE` or CHISME_CONFIG
/// names, the environment, flags. Every value of every source is checked, also one that a stronger source
/// hides. `arguments` is what follows `chisme node`; `--config` is taken out of it here.
load_result load(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                 const file_reader& read_file);

/// Settings as `base` was given, with `dynamic` (what AlterConfigs set on the node) on top. Fails with
/// invalid_config for a name that is unknown or may not change while the node runs, and for a bad value.
result<node_settings> with_dynamic(const node_settings& base, const std::map<std::string, std::string>& dynamic);

} // namespace chisme
