// Opens a replica's folder and log. Blocks in the disk: called by a disk worker (actors/disk_worker).
#pragma once

#include "actors/log/partition_log.hpp"
#include "actors/log/quorum_state.hpp"

namespace chisme::partition {

struct open_order {
  topic_partition name;
  uuid topic_id;
  std::string directory;
  topic_settings settings;
  log::open_options options;
  bool existed = false;   ///< there should be a log
  bool is_shared = false; ///< other replicas will ask for its vote
};

struct opened_replica {
  /// Or why there is none: KAFKA_STORAGE_ERROR where it was the disk, which may pass.
  result<std::unique_ptr<log::partition_log>> log;
  /// There where the log is. Where it is_dirty() that is to be synced, which is left to whoever shares syncs.
  std::optional<log::quorum_state> quorum_state;
  /// What was done to the folder, in words for the node's log; empty: nothing.
  std::string folder_note;
  log::recovery_report found;
};

opened_replica open_replica(log::files& disk, const open_order& order);

} // namespace chisme::partition
