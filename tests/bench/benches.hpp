// Every benchmark of the program. Each prints its lines into the report as they are known.
#pragma once

#include "tests/bench/report.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chisme::bench {

struct options {
  std::string folder = "/tmp"; ///< data folders are made below
  std::string batches = {};    ///< where "validate" writes its batches, for others to measure; nowhere where empty
  bool quick = false;          ///< less of everything: to see that it works, not to believe the numbers

  size_t rounds() const { return quick ? 1 : 5; }
  /// `full`, or a small part of it.
  size_t scaled(size_t full) const { return quick ? std::max<size_t>(1, full / 10) : full; }
};

struct bench {
  const char* name;
  const char* about;
  void (*run)(const options&, report&);
};

void measure_validation(const options&, report&);
void measure_start(const options&, report&);
void measure_produce(const options&, report&);
void measure_fetch(const options&, report&);
void measure_small_requests(const options&, report&);
void measure_restart(const options&, report&);
void measure_create_topics(const options&, report&);
void measure_silent_connections(const options&, report&);
void measure_group_rebalance(const options&, report&);
void measure_group_commits(const options&, report&);
void measure_group_load(const options&, report&);
void measure_group_memory(const options&, report&);
void measure_group_idle(const options&, report&);
void measure_links(const options&, report&);
void measure_allocations(const options&, report&);

/// A node in this process under a steady load, for profilers: `requests` of `kind` (produce, fetch).
void run_in_process(const std::string& kind, size_t requests, const options&);

} // namespace chisme::bench
