// What partition_log::read_for_copy() found for another replica.
#pragma once

#include "actors/raft/position.hpp"
#include "messages/payload.hpp"
#include "messages/peer/raft_types.hpp"

#include <vector>

namespace chisme::log {

struct copy_read {
  /// What follows the position is not in this log any more, or never was: the other log has to begin anew at
  /// partition_log::copy_start().
  bool behind_start = false;
  std::vector<peer::raft_mark> marks; ///< in order; each lies at or before `next`
  payload records;                    ///< whole batches, in order
  raft::position next;                ///< behind all of it; where nothing follows, where the read began
};

/// The most marks that are given at a time.
inline constexpr size_t most_marks_copied = 4096;

} // namespace chisme::log
