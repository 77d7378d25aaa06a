// Large batches in, beside a loop that only receives and writes them.
#include "tests/bench/benches.hpp"
#include "tests/bench/bounds.hpp"
#include "tests/bench/pipeline.hpp"

namespace chisme::bench {

namespace {

struct shape {
  const char* name;
  size_t batch_size;
  size_t connections;
  size_t window;
};

constexpr uint64_t bytes_per_round = 256 << 20;

/// One round against a node: its topic is new and gone afterwards, so that every round begins alike.
outcome against_node(const shape& s, node_under_test& node, const buffer& batch, size_t requests) {
  connection to{node.port()};
  const auto topic = create_topic(to, "produce", {static_cast<int32_t>(s.connections), {{"log.flush", "lazy"}}});
  load l{node.port(), {}, s.window, requests, produce_error_at};
  for (size_t i = 0; i < s.connections; ++i)
    l.scripts.push_back(script::of(produce_request(topic, static_cast<int32_t>(i), batch, 1), 1));
  const auto done = run(l, node.pid());
  delete_topic(to, topic);
  return done;
}

outcome against_bound(const shape& s, const std::string& file, const buffer& batch, size_t requests) {
  const auto server = receive_and_pwrite(file, buffer::copy_of(bytes(60)), bytes_per_round);
  load l{server.port, {}, s.window, requests, produce_error_at};
  for (size_t i = 0; i < s.connections; ++i)
    l.scripts.push_back(script::of(produce_request({}, static_cast<int32_t>(i), batch, 1), 1));
  const auto done = run(l, server.process.pid());
  std::filesystem::remove(file);
  return done;
}

void measure(const shape& s, const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  const auto batch = make_batch(s.batch_size);
  const auto requests = o.scaled(bytes_per_round / s.batch_size / s.connections);
  std::vector<outcome> ours;
  std::vector<outcome> bound;
  for (size_t round = 0; round < o.rounds(); ++round) {
    ours.push_back(against_node(s, node, batch, requests));
    bound.push_back(against_bound(s, folder.path() / "bound", batch, requests));
  }
  out.add(share_of(s.name, median_of(ours, &outcome::sent_mib_per_second), "MiB/s",
                   median_of(bound, &outcome::sent_mib_per_second), 0.70));
  out.add({std::string{s.name} + ": CPU", median_of(ours, &outcome::cpu_per_gib), "s/GiB",
           median_of(bound, &outcome::cpu_per_gib)});
}

} // namespace

void measure_produce(const options& o, report& out) {
  measure({"produce 1 MiB batches, lazy, 1 connection", 1 << 20, 1, 4}, o, out);
  measure({"produce 1 MiB batches, lazy, 8 connections", 1 << 20, 8, 4}, o, out);
  measure({"produce 64 KiB batches, lazy, 1 connection", 64 << 10, 1, 16}, o, out);
  measure({"produce 64 KiB batches, lazy, 8 connections", 64 << 10, 8, 16}, o, out);
}

} // namespace chisme::bench
