// Durable offset commits: beside a loop that writes the same frames to as many files as the groups have coordinators,
// and syncs each once for all that have arrived.
#include "tests/bench/benches.hpp"
#include "tests/bench/bounds.hpp"
#include "tests/bench/groups/crowd.hpp"
#include "tests/bench/pipeline.hpp"

#include <algorithm>

namespace chisme::bench {

namespace {

constexpr size_t connections = 8;
constexpr size_t window = 64;
constexpr size_t coordinators = 50; // offsets.topic.num.partitions

std::string group_name(size_t i) { return "group-" + std::to_string(i); }

/// Each group is on one connection, and on all of them where there are fewer groups than connections.
std::vector<script> scripts(size_t groups, const uuid& topic) {
  std::vector<script> all(connections);
  for (size_t i = 0; i < std::max(groups, connections); ++i)
    all[i % connections].add(commit_request(group_name(i % groups), topic, 1, 42));
  return all;
}

struct round {
  outcome pipelined;
  std::vector<double> single; ///< latencies of one at a time
};

round against_node(size_t groups, const options& o) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  connection to{node.port()};
  const auto topic = create_topic(to, "read", {});
  for (size_t i = 0; i < groups; ++i)
    wait_for_coordinator(to, group_name(i));
  const load l{node.port(), scripts(groups, topic), window, o.scaled(5000), commit_error_at};
  round r;
  r.pipelined = run(l, node.pid());
  r.single = latencies(node.port(), commit_request(group_name(0), topic, 1, 42), o.scaled(2000));
  return r;
}

round against_bound(size_t groups, const options& o) {
  temporary_folder folder{o.folder};
  const auto files = std::min(groups, coordinators);
  const auto server = receive_and_sync(folder.path() / "bound", files, buffer::copy_of(bytes(34)));
  const load l{server.port, scripts(groups, {}), window, o.scaled(5000), commit_error_at};
  round r;
  r.pipelined = run(l, server.process.pid());
  r.single = latencies(server.port, commit_request(group_name(0), {}, 1, 42), o.scaled(2000));
  return r;
}

double percentile_us(const std::vector<round>& rounds, double share) {
  std::vector<double> values;
  for (const auto& r : rounds)
    values.push_back(r.single[static_cast<size_t>(share * static_cast<double>(r.single.size() - 1))] * 1e6);
  return median(std::move(values));
}

std::vector<outcome> pipelined(const std::vector<round>& rounds) {
  std::vector<outcome> out;
  for (const auto& r : rounds)
    out.push_back(r.pipelined);
  return out;
}

void measure(size_t groups, const options& o, report& out) {
  std::vector<round> ours;
  std::vector<round> bound;
  for (size_t i = 0; i < o.rounds(); ++i) {
    ours.push_back(against_node(groups, o));
    bound.push_back(against_bound(groups, o));
  }
  const auto name = "commits, groups: " + std::to_string(groups);
  const auto a = pipelined(ours);
  const auto b = pipelined(bound);
  out.add({name + ", 8 connections", median_of(a, &outcome::requests_per_second), "req/s",
           median_of(b, &outcome::requests_per_second)});
  out.add(
    {name + ": CPU", median_of(a, &outcome::cpu_us_per_request), "us/req", median_of(b, &outcome::cpu_us_per_request)});
  out.add({name + ", one at a time, p50", percentile_us(ours, 0.5), "us", percentile_us(bound, 0.5)});
  out.add({name + ", one at a time, p99", percentile_us(ours, 0.99), "us", percentile_us(bound, 0.99)});
}

} // namespace

void measure_group_commits(const options& o, report& out) {
  for (size_t groups : {1, 100, 1000})
    measure(groups, o, out);
}

} // namespace chisme::bench
