#include "nodes/node_process.hpp"

#include "nodes/end_at_once.hpp"
#include "nodes/end_signals.hpp"
#include "nodes/last_line.hpp"
#include "nodes/logging.hpp"
#include "nodes/node.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <malloc.h>
#include <sys/resource.h>

namespace chisme::nodes {

namespace {

/// Each connection and each segment is a descriptor; shells often allow a process just 1,024 of them.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Request frames of a megabyte come and go all the time: keep their memory instead of mapping and faulting it in
/// anew for each one, and give back what is more than a few of them.
void tune_allocator() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  ::mallopt(M_ARENA_MAX, 4);
}

std::string joined(const std::vector<endpoint>& endpoints) {
  std::string text;
  for (const auto& e : endpoints)
    text += (text.empty() ? "" : ",") + to_string(e);
  return text;
}

} // namespace

int run_node_process(const node_settings& settings) {
  const auto begin = std::chrono::steady_clock::now();
  set_up_logging(settings.level);
  tell_of_uncaught_exceptions();
  raise_file_limit();
  tune_allocator();
  std::signal(SIGPIPE, SIG_IGN);
  // A file that may not grow (ulimit -f) is an error of its write, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  node n{settings};
  end_signals signals{std::chrono::milliseconds{settings.shutdown_timeout_ms}, [&n] { n.give_up_start(); },
                      [](const std::string& why) { end_at_once(why); }};

  if (auto ok = n.start(); !ok) {
    if (n.is_given_up()) {
      spdlog::info("node stopped reason=\"{}\"", ok.error().message);
      return 0;
    }
    spdlog::error("node cannot start reason=\"{}\"", ok.error().message);
    return 1;
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  spdlog::info("node started id={} listeners={} data={} cluster={} partitions={} took_ms={:.1f}", settings.node_id,
               joined(n.listeners()), n.data_dir(), n.cluster_id(), n.partitions(), took.count());
  const auto signal = signals.wait();
  spdlog::info("node stops signal={}", signal == SIGTERM ? "SIGTERM" : "SIGINT");
  n.stop();
  spdlog::info("node stopped");
  spdlog::shutdown();
  return 0;
}

} // namespace chisme::nodes
