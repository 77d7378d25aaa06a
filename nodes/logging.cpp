#include "nodes/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace chisme::nodes {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::trace:
      return spdlog::level::trace;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

} // namespace

void set_up_logging(log_level level) {
  auto logger = std::make_shared<spdlog::logger>("chisme", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(level_of(level));
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(log_level level) { spdlog::default_logger_raw()->set_level(level_of(level)); }

} // namespace chisme::nodes
