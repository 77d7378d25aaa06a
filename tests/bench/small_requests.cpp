// How many small requests a second: beside loops that make the same promise, of one sync or of none before the answer.
#include "tests/bench/benches.hpp"
#include "tests/bench/bounds.hpp"
#include "tests/bench/pipeline.hpp"

#include <string_view>

namespace chisme::bench {

namespace {

constexpr size_t connections = 8;
constexpr size_t window = 64;
constexpr double floor_per_second = 50'000;

struct shape {
  const char* name;
  int16_t acks;
  const char* flush;
  size_t requests; ///< on each connection
};

/// A batch of one record that makes a request of about 1 KiB.
buffer small_batch() { return make_batch_of(1, 880); }

outcome against_node(const shape& s, const options& o, const buffer& batch) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  connection to{node.port()};
  const auto topic = create_topic(to, "small", {connections, {{"log.flush", s.flush}}});
  load l{node.port(), {}, window, o.scaled(s.requests), produce_error_at};
  for (size_t i = 0; i < connections; ++i)
    l.scripts.push_back(script::of(produce_request(topic, static_cast<int32_t>(i), batch, s.acks), window));
  return run(l, node.pid());
}

outcome against_bound(const shape& s, const options& o, const buffer& batch) {
  temporary_folder folder{o.folder};
  const auto answer = buffer::copy_of(bytes(60));
  const auto file = folder.path() / "bound";
  const auto server = std::string_view{s.flush} == "sync" ? receive_and_sync(file, connections, answer)
                                                          : receive_and_pwrite(file, answer, 1 << 30);
  load l{server.port, {}, window, o.scaled(s.requests), produce_error_at};
  for (size_t i = 0; i < connections; ++i)
    l.scripts.push_back(script::of(produce_request({}, static_cast<int32_t>(i), batch, s.acks), window));
  return run(l, server.process.pid());
}

} // namespace

void measure_small_requests(const options& o, report& out) {
  const auto batch = small_batch();
  for (const auto& s : {shape{"1 KiB produce, 8 connections, acks=1, lazy", 1, "lazy", 40'000},
                        shape{"1 KiB produce, 8 connections, acks=all, lazy", -1, "lazy", 40'000},
                        shape{"1 KiB produce, 8 connections, acks=1, sync", 1, "sync", 20'000},
                        shape{"1 KiB produce, 8 connections, acks=all, sync", -1, "sync", 10'000}}) {
    std::vector<outcome> ours;
    std::vector<outcome> bound;
    for (size_t round = 0; round < o.rounds(); ++round) {
      ours.push_back(against_node(s, o, batch));
      bound.push_back(against_bound(s, o, batch));
    }
    out.add(at_least(s.name, median_of(ours, &outcome::requests_per_second), "req/s", floor_per_second,
                     median_of(bound, &outcome::requests_per_second)));
    out.add({std::string{s.name} + ": CPU", median_of(ours, &outcome::cpu_us_per_request), "us/req",
             median_of(bound, &outcome::cpu_us_per_request)});
  }
}

} // namespace chisme::bench
