// Asking for compaction.
#pragma once

#include <memory>
#include <string>

namespace chisme::log {
struct compaction_plan;
struct compaction_result;
} // namespace chisme::log

namespace chisme::cleaner {

/// Closed segments of one partition to be written anew, without what later records made obsolete.
struct clean_request {
  std::shared_ptr<log::compaction_plan> plan;
};

struct clean_result {
  /// Null: it failed, nothing has changed.
  std::shared_ptr<log::compaction_result> outcome;
  std::string failure;
};

} // namespace chisme::cleaner
