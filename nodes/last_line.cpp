#include "nodes/last_line.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <exception>
#include <string>

namespace chisme::nodes {

namespace {

std::string uncaught() {
  const auto thrown = std::current_exception();
  if (!thrown)
    return "std::terminate was called";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

std::string thread_name() {
  char name[16] = {};
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 ? name : "?";
}

} // namespace

void end_process(std::string_view what, std::string_view why) {
  spdlog::critical("node failed {} reason=\"{}\" cure=\"start it again; this line is a fault of chisme\"", what, why);
  if (auto* log = spdlog::default_logger_raw())
    log->flush();
  std::abort();
}

void tell_of_uncaught_exceptions() {
  std::set_terminate([] { end_process("thread=" + thread_name(), uncaught()); });
}

} // namespace chisme::nodes
