// One record of a journal: a log in which one actor keeps what must outlive it, each thing's whole state under the key
// of that thing.
#pragma once

#include "messages/buffer.hpp"

#include <optional>

namespace chisme::journal {

struct entry {
  buffer key;
  std::optional<buffer> value; ///< nullopt removes
};

} // namespace chisme::journal
