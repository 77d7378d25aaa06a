// The part of compaction that deals with one batch.
#pragma once

#include "actors/log/offset_map.hpp"
#include "actors/log/record_batch.hpp"

#include <vector>

namespace chisme::log {

/// What decides about a record.
struct filter_rules {
  const offset_map* newest = nullptr;
  offset_t mapped_upto = 0; ///< records at or above it stay: they were not looked at, or are the last one
  timestamp_ms now = 0;
  int64_t delete_retention_ms = 0;
};

/// What is left of one batch.
struct filtered_batch {
  enum class kind { unchanged, rebuilt, empty };
  kind what = kind::unchanged;
  buffer bytes; ///< of a rebuilt batch
};

/// The batch's records as an uncompressed block; a view into the batch where it is not compressed.
result<buffer> records_of(const batch_view& batch);

/// Drops what compaction drops. The codec stays the batch's own.
result<filtered_batch> filter_batch(const batch_view& batch, const filter_rules& rules);

/// The batch without any record: offsets, producer and sequence stay.
buffer empty_batch(const batch_header& header);

} // namespace chisme::log
