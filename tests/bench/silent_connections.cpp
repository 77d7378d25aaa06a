// Ten thousand connections that say nothing: what they cost, and whom they disturb.
#include "tests/bench/benches.hpp"
#include "tests/bench/pipeline.hpp"

#include <unistd.h>

namespace chisme::bench {

namespace {

class silent_crowd {
public:
  silent_crowd(uint16_t port, size_t count) {
    for (size_t i = 0; i < count; ++i)
      fds_.push_back(connect_to(port));
  }
  ~silent_crowd() {
    for (auto fd : fds_)
      ::close(fd);
  }
  silent_crowd(const silent_crowd&) = delete;
  silent_crowd& operator=(const silent_crowd&) = delete;

private:
  std::vector<int> fds_;
};

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(share * static_cast<double>(sorted.size() - 1))];
}

} // namespace

void measure_silent_connections(const options& o, report& out) {
  const auto count = std::min<size_t>(o.scaled(10'000), raise_file_limit() - 100);
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  connection to{node.port()};
  const auto topic = create_topic(to, "beside", {1, {{"log.flush", "lazy"}}});
  const auto request = produce_request(topic, 0, make_batch_of(1, 880), 1);
  const auto samples = o.scaled(20'000);
  latencies(node.port(), request, samples / 10);
  const auto before = node.resident();
  const auto alone = latencies(node.port(), request, samples);
  const silent_crowd crowd{node.port(), count};
  const auto beside = latencies(node.port(), request, samples);
  const auto each = (node.resident() - before) * 1024 / static_cast<double>(count);
  out.add({"memory of a silent connection (of " + std::to_string(count) + ")", each, "KiB", {}});
  out.add({"produce latency beside them, p50 (bound: alone)", percentile(beside, 0.5) * 1e6, "us",
           percentile(alone, 0.5) * 1e6});
  out.add({"produce latency beside them, p99 (bound: alone)", percentile(beside, 0.99) * 1e6, "us",
           percentile(alone, 0.99) * 1e6});
}

} // namespace chisme::bench
