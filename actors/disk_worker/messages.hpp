// Blocking work on the disk that others hand on.
#pragma once

#include "actors/log/cold_reads.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace chisme::log {
class partition_log;
} // namespace chisme::log

namespace chisme::partition {
struct open_order;
struct opened_replica;
} // namespace chisme::partition

namespace chisme::supervisor {
struct leftover_search;
struct leftovers;
} // namespace chisme::supervisor

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

/// Note in the log's folder how far it is synced, sync that, and close its files.
struct close_log_request {
  /// Of whoever handles it: nobody else keeps this.
  std::shared_ptr<log::partition_log> log;
};

struct close_log_result {
  /// Empty where all went well. What was synced before stays so: the next start reads more of it again, no more.
  std::string failure;
};

/// Do this to the log, which may write and sync a lot: cut it, or begin it anew.
struct work_request {
  /// Comes back with the answer; nobody else uses it meanwhile.
  std::shared_ptr<log::partition_log> log;
  std::function<result<void>(log::partition_log&)> what;
};

struct work_result {
  std::shared_ptr<log::partition_log> log;
  result<void> outcome;
  /// Set where an exception ended it.
  std::string exception;
};

/// Look for folders that belong to nobody.
struct search_request {
  std::shared_ptr<const supervisor::leftover_search> what;
};

struct search_result {
  std::shared_ptr<const supervisor::leftovers> found;
  /// Set where nothing was found out.
  std::string failure;
};

/// Read this into the system's memory, unless `wanted`, which can be asked from any thread, says that it is in vain.
struct warm_request {
  log::cold_range what;
  /// A part of it that is enough, where the disk fails all of it. None: there is no such part.
  std::optional<log::cold_range> needed{};
  std::function<bool()> wanted{};
};

struct warm_result {
  /// Why what is needed could not be read; empty where it was, or is in vain.
  std::string failure{};
};

/// Close these files, which have been removed: the last handle frees what they hold, which takes half a second a GiB.
struct close_request {
  std::vector<log::file_ptr> files;
};

} // namespace chisme::disk_worker
