// Asking for durability.
#pragma once

#include "actors/log/files.hpp"

#include <vector>

namespace chisme::flusher {

/// Make these files durable. Answered when they are, together with everybody else's who asked meanwhile.
struct flush_request {
  std::vector<log::file_ptr> files;
  /// Folders in which files were created: their entries must be durable as well.
  std::vector<std::string> directories;
};

struct flush_result {
  /// Empty: done. Otherwise nothing may be assumed about what is on disk.
  std::string failure;
};

} // namespace chisme::flusher
