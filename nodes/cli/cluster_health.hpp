// Whether a cluster is well, in words. A pure function of its picture.
#pragma once

#include "nodes/cli/cluster_picture.hpp"

namespace chisme::cli {

enum class health_level {
  healthy,
  degraded,    ///< everything can be read and written, and the next loss may change that
  unavailable, ///< there are partitions that cannot be read, or not be written with acks=all
};

std::string to_string(health_level level);

struct cluster_health {
  health_level level = health_level::healthy;
  std::string sentence;            ///< "degraded: node 2 is gone; 20 partitions have 2 of 3 replicas in sync"
  std::vector<std::string> advice; ///< what to do, most urgent first
};

cluster_health health_of(const cluster_picture& picture);

/// Why records cannot be written to it, or not be read: "no leader", "below min.insync.replicas=2"; empty: they can.
std::string trouble_of(const partition_picture& partition);

} // namespace chisme::cli
