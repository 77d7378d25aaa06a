// Included by every file that has a planted bug in it: on() says whether the bug of this name is the one that the
// variable PLANTED_BUG of the process names.
#pragma once

#include <cstdlib>
#include <cstring>

namespace chisme_planted {

inline bool on(const char* bug) noexcept {
  static const char* const chosen = std::getenv("PLANTED_BUG");
  return chosen && std::strcmp(chosen, bug) == 0;
}

} // namespace chisme_planted
