// The load: prepared requests over a few connections, several in flight on each, from one thread. The same code
// drives the node and the bound beside it, so that what the client costs is the same for both.
//
// Nothing is encoded, decoded or allocated while it runs. Of each answer the error code is looked at (requests.hpp
// says where it is); the rest is received and dropped.
#pragma once

#include "tests/bench/requests.hpp"

namespace chisme::bench {

/// Requests in the order in which a connection sends them; begins anew at the end.
struct script {
  bytes block;
  std::vector<size_t> ends; ///< of each request in `block`

  void add(const bytes& request);
  /// `count` times the same request.
  static script of(const bytes& request, size_t count);
};

struct load {
  uint16_t port = 0;
  std::vector<script> scripts; ///< one for each connection
  size_t window = 1;           ///< requests in flight on each connection
  size_t requests = 0;         ///< on each connection
  size_t error_at = 0;         ///< where an answer, behind its size, has the error code of its first partition
};

struct outcome {
  double seconds = 0;
  double server_cpu = 0; ///< seconds of it that the server used
  uint64_t requests = 0;
  uint64_t sent = 0;
  uint64_t received = 0;

  double cpu_per_gib() const { return server_cpu / static_cast<double>(sent + received) * (1 << 30); }
  double cpu_us_per_request() const { return server_cpu / static_cast<double>(requests) * 1e6; }
  double requests_per_second() const { return static_cast<double>(requests) / seconds; }
  double sent_mib_per_second() const { return static_cast<double>(sent) / seconds / (1 << 20); }
  double received_mib_per_second() const { return static_cast<double>(received) / seconds / (1 << 20); }
};

/// Runs it until every request is answered. The connections are made before the clock starts. `server`: whose CPU
/// time is measured.
outcome run(const load& l, pid_t server = 0);

/// The median of one figure of the rounds.
double median_of(const std::vector<outcome>& rounds, double (outcome::*figure)() const);

/// One request at a time on one connection: seconds from send to answer, sorted.
std::vector<double> latencies(uint16_t port, const bytes& request, size_t count);

} // namespace chisme::bench
