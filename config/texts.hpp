// The options table as text to read: the example file and the help.
#pragma once

#include <string>

namespace chisme {

/// A properties file with every node option at its default, commented out, each with its help above it. It is
/// checked in as config/chisme.properties.
std::string example_file();

/// What `chisme node --help` says about options.
std::string options_help();

} // namespace chisme
