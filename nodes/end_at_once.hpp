// The end of a process that cannot end in order.
#pragma once

#include <string_view>

namespace chisme::nodes {

/// How lines of the log begin (spdlog's pattern).
inline constexpr const char* log_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

/// What the file system has stays; what is synced stays beyond that. The next start recovers as after a crash.
inline constexpr int ended_without_order = 1;

/// Ends at once, with one line in the log. Waits for nobody: not for the logger, which a thread that hangs may hold,
/// nor for a reader of the log.
[[noreturn]] void end_at_once(std::string_view why);

} // namespace chisme::nodes
