// Blocking work on the disk that a replica hands on.
#pragma once

#include <memory>
#include <string>

namespace chisme::partition {
struct open_order;
struct opened_replica;
} // namespace chisme::partition

namespace chisme::disk_worker {

/// Open this replica's log: recovery may read for a while.
struct open_request {
  std::shared_ptr<const partition::open_order> what;
};

struct open_result {
  /// The log belongs to whoever asked; nobody else keeps this.
  std::shared_ptr<partition::opened_replica> outcome;
  /// Set where there is no outcome: an exception, which concerns the one who asked.
  std::string exception;
};

} // namespace chisme::disk_worker
