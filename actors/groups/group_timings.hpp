// The times of the consumer groups that set some themselves; all others have the node's.
#pragma once

#include "config/group_timing.hpp"

#include <functional>
#include <map>
#include <string>

namespace chisme::groups {

using group_timings = std::map<std::string, group_timing, std::less<>>;

} // namespace chisme::groups
