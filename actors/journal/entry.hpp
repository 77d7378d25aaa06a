// One record of a journal: a log in which one actor keeps what must outlive it, each thing's whole state under the key
// of that thing.
#pragma once

#include "messages/buffer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chisme::journal {

/// What stands beside a value whose format is somebody else's.
struct entry_header {
  std::string key;
  buffer value;
};

struct entry {
  buffer key;
  std::optional<buffer> value; ///< nullopt removes
  std::vector<entry_header> headers{};
};

} // namespace chisme::journal
