// That a coordinator is what its records say.
#pragma once

#include "actors/groups/group_shard.hpp"

#include <string>
#include <vector>

namespace chisme::test {

/// `records` are what a coordinator has kept that was given those of `live` and nothing else. Empty where that is all
/// that the living one has, as far as it is to outlive a restart; else what is not.
std::string replay_difference(groups::group_shard& live, const std::vector<groups::group_record>& records,
                              const std::vector<std::string>& group_names, const groups::topic_catalog& topics,
                              timestamp_ms now);

/// What the cleaner leaves of the first `end` entries of a log, and all behind them: the newest of each key. Where
/// `is_old` the removals among them are gone, too.
std::vector<journal::entry> compacted(const std::vector<journal::entry>& log, size_t end, bool is_old);

} // namespace chisme::test
