// What opening a log found and did: for one line in the node's log.
#pragma once

#include "messages/ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chisme::log {

struct recovery_report {
  /// Bytes taken away from a file because what begins at `position` is not whole.
  struct cut {
    std::string file;
    uint64_t position = 0;
    uint64_t bytes = 0;
    std::string reason;
    friend bool operator==(const cut&, const cut&) = default;
  };

  std::vector<cut> cuts;
  uint64_t batches_scanned = 0;
  uint64_t bytes_scanned = 0;
  uint64_t indexes_rebuilt = 0;
  bool was_clean = false; ///< there was nothing behind the recovery point
  bool was_new = false;   ///< there was no log
  /// Other things that an operator may want to know, one sentence each.
  std::vector<std::string> notes;
};

} // namespace chisme::log
