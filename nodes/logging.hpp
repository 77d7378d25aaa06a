// What the node tells on stderr.
#pragma once

#include "config/node_settings.hpp"

namespace chisme::nodes {

/// Before anything is told.
void set_up_logging(log_level level);
/// May change at any time.
void set_log_level(log_level level);

} // namespace chisme::nodes
