// A node as a process of its own: logging, limits and signals around nodes/node.
#pragma once

#include "config/node_settings.hpp"

namespace chisme::nodes {

/// Runs until SIGTERM or SIGINT; the exit code.
int run_node_process(const node_settings& settings);

} // namespace chisme::nodes
