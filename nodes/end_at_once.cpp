#include "nodes/end_at_once.hpp"

#include <poll.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/pattern_formatter.h>
#include <unistd.h>

#include <string>

namespace chisme::nodes {

namespace {

void write_line(std::string_view text) {
  spdlog::memory_buf_t line;
  const spdlog::details::log_msg message{"chisme", spdlog::level::err, {text.data(), text.size()}};
  spdlog::pattern_formatter{log_pattern}.format(message, line);
  pollfd log{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&log, 1, 0) <= 0)
    return;
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace

void end_at_once(std::string_view why) {
  write_line("node ends at once reason=\"" + std::string{why} + "\"");
  ::_exit(ended_without_order);
}

} // namespace chisme::nodes
