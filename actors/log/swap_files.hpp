// The names of a compacted segment on its way into the log. Stages are in compaction.hpp.
#pragma once

#include "actors/log/files.hpp"
#include "actors/log/segment.hpp"

namespace chisme::log {

/// From complete work to a segment that will replace others whatever happens: .cleaned becomes .swap, durably. The
/// log file comes last, it is the one that counts.
result<void> commit_swap(files& disk, const std::string& dir, offset_t base);

/// Gives the .swap files of `base` their final names, in the place of those that are there; durable when it returns.
/// Segments behind `base` that are replaced as well must be gone. Returns the sizes of the files.
result<segment_files> finish_swap(files& disk, const std::string& dir, offset_t base);

} // namespace chisme::log
