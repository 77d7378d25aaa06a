// How a process ends that cannot go on: with one line in the log that says why, and at once. What it had promised is on
// the disk; a process that hangs half dead, or serves without one of its parts, would be worse than none.
#pragma once

#include <string_view>

namespace chisme::nodes {

/// Logs and aborts.
[[noreturn]] void end_process(std::string_view what, std::string_view why);

/// From here on an exception that nobody catches, on whatever thread, is told by end_process() with the thread's name.
void tell_of_uncaught_exceptions();

} // namespace chisme::nodes
