// What a machine of a group coordinator decides on: see machine.hpp.
#pragma once

#include "actors/groups/group_records.hpp"
#include "actors/groups/machine.hpp"

namespace chisme::groups {

struct effects {
  std::vector<group_record> records; ///< to be appended together; already applied
  std::vector<answer> answers;       ///< to be given when the records are committed
};

} // namespace chisme::groups
