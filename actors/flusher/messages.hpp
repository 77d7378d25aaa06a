// Asking for durability.
#pragma once

#include "actors/log/files.hpp"

#include <vector>

namespace chisme::flusher {

/// Make these files durable. Answered when they are, together with everybody else's who asked meanwhile.
struct flush_request {
  /// In this order; folders in which files were created come last.
  std::vector<log::file_ptr> files;
};

struct flush_result {
  /// Empty: done. Otherwise nothing may be assumed about what is on disk.
  std::string failure;
};

} // namespace chisme::flusher
