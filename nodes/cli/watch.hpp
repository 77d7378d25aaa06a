// --watch and --count: a command that shows something again and again.
#pragma once

#include "nodes/cli/arguments.hpp"

#include <functional>

namespace chisme::cli {

struct repetition {
  double seconds = 0; ///< between two times
  int count = 1;      ///< 0: for ever
};

/// Adds --watch and --count.
void add_watch_options(options::options_description& described);

/// What they say; without --watch, once.
result<repetition> repetition_of(const parsed& arguments);

/// How the last time ended.
outcome repeat(const call& c, const repetition& times, const std::function<outcome()>& show);

} // namespace chisme::cli
