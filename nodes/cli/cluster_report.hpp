// What chisme cluster status prints, for people and for programs.
#pragma once

#include "nodes/cli/cluster_health.hpp"

#include <iosfwd>
#include <nlohmann/json.hpp>

namespace chisme::cli {

/// Of the partitions in trouble the first `most_partitions` are shown.
inline constexpr size_t most_partitions = 20;

void print(std::ostream& out, const cluster_picture& picture, const cluster_health& health);

/// All partitions in trouble.
nlohmann::json to_json(const cluster_picture& picture, const cluster_health& health);

} // namespace chisme::cli
