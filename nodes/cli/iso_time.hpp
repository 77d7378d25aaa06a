// Points in time as people write them.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <string>

namespace chisme::cli {

/// "2026-11-23T10:00:00.250Z", "2026-11-23T10:00:00+01:00", "2026-11-23" (midnight; UTC where no zone is given), or
/// milliseconds since 1970.
result<timestamp_ms> parse_time(const std::string& text);

} // namespace chisme::cli
