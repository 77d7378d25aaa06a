// Compaction: of each key only the newest record stays, at its offset (cleanup.policy=compact).
//
// Three steps, so that the long one may run beside the partition that goes on appending:
//   plan    partition_log::plan_compaction   which closed segments; they do not change any more
//   work    compact()                        reads them, writes <base>.log.cleaned and indexes; any thread
//   swap    partition_log::swap_in           puts the outcome in place
//
// What stays: the newest record of a key among those looked at, everything not looked at, and tombstones (null
// values) until their delete horizon (KIP-534): the first pass over a batch with tombstones stamps it with
// now + delete.retention.ms (attributes bit 6, the horizon in base_timestamp), a pass after that time drops them.
// A batch that loses all its records goes, unless it is a producer's last (its sequence numbers must not be
// forgotten) or the last of its group (so that segments still follow each other without gaps): then an empty batch
// stays, which readers are not given where a record follows. Control batches stay as they are.
//
// The last committed record stays, whatever it is: behind every offset below the high watermark lies a record, so a
// reader of any kind comes to the end.
//
// Swapping a group is safe at any moment: .cleaned files are incomplete work and removed when the log is opened;
// a .log.swap is complete and synced, opening the log finishes what was begun: segments that it replaces go, it gets
// its name.
#pragma once

#include "actors/log/files.hpp"
#include "config/topic_settings.hpp"
#include "messages/ids.hpp"
#include "messages/keyed_hash.hpp"

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace chisme::log {

/// A closed segment, kept open by its file.
struct compaction_input {
  offset_t base_offset = 0;
  offset_t end_offset = 0;
  file_ptr log;
  uint64_t size = 0;
};

struct compaction_plan {
  std::string directory;
  std::vector<compaction_input> segments; ///< consecutive, ascending; all below the recovery point
  offset_t dirty_from = 0;                ///< below it one record a key is left already
  offset_t last_committed = 0;            ///< the offset of a record that stays
  timestamp_ms now = 0;
  int64_t delete_retention_ms = 0;
  int64_t segment_bytes = 0;
  int64_t index_interval_bytes = 0;
  std::unordered_set<offset_t> producer_last_offsets;
  hash_key hash;                   ///< of keys: nobody who writes records may know it
  size_t memory_limit = 64u << 20; ///< for keys; what does not fit is left for the next time
  uint64_t leave_free = 4u << 20;  ///< of the disk: for those who append
  /// Set when the log that this is a plan of is closed: from then on its folder may be somebody else's.
  std::shared_ptr<const std::atomic<bool>> log_is_gone;
};

/// One new segment and those it stands for.
struct compacted_group {
  std::vector<compaction_input> replaces;
};

struct compaction_result {
  std::vector<compacted_group> groups;
  offset_t compacted_upto = 0;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;
};

/// The slow half. Writes and syncs new segments beside the old ones; as many as the disk takes, at least one. On
/// failure nothing of them is left: kafka_storage_error; corrupt_message where a batch is damaged;
/// operation_not_attempted where the log is gone.
result<compaction_result> compact(files& disk, const compaction_plan& plan);
/// Removes new segments that are not to be used.
void discard(files& disk, const std::string& directory, std::span<const compacted_group> groups);

} // namespace chisme::log
