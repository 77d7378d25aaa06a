// Batches out of the page cache, beside a loop that only calls sendfile.
#include "tests/bench/benches.hpp"
#include "tests/bench/bounds.hpp"
#include "tests/bench/pipeline.hpp"

#include <unistd.h>

namespace chisme::bench {

namespace {

struct shape {
  const char* name;
  size_t fetch_size;
  size_t connections;
};

constexpr uint64_t log_size = 128 << 20;
constexpr uint64_t bytes_per_round = 512 << 20;
constexpr uint64_t checked_size = 512 << 20;
constexpr size_t window = 4;

/// Fills the partition with batches of the fetched size.
uuid fill(node_under_test& node, const buffer& batch, size_t batches) {
  connection to{node.port()};
  const auto topic = create_topic(to, "fetch", {1, {{"log.flush", "lazy"}}});
  run({node.port(), {script::of(produce_request(topic, 0, batch, 1), 1)}, 4, batches, produce_error_at});
  return topic;
}

void measure(const shape& s, const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  const auto batch = make_batch(s.fetch_size);
  const auto batches = log_size / s.fetch_size;
  const auto records = log::batch_header::parse(batch.data()).record_count;
  const auto topic = fill(node, batch, batches);
  script all;
  for (size_t i = 0; i < batches; ++i)
    all.add(fetch_request(topic, 0, static_cast<int64_t>(i) * records, static_cast<int32_t>(s.fetch_size)));
  connection to{node.port()};
  const auto good = to.exchange(fetch_request(topic, 0, 0, static_cast<int32_t>(s.fetch_size)));
  const auto requests = o.scaled(bytes_per_round / s.fetch_size / s.connections);
  const auto segment = folder.path() / "data" / "fetch-0" / "00000000000000000000.log";
  const std::vector<script> scripts(s.connections, all);
  std::vector<outcome> ours;
  std::vector<outcome> bound;
  for (size_t round = 0; round < o.rounds(); ++round) {
    ours.push_back(run({node.port(), scripts, window, requests, fetch_error_at}, node.pid()));
    const auto server = receive_and_sendfile(segment, good, good.size() - batch.size());
    bound.push_back(run({server.port, scripts, window, requests, fetch_error_at}, server.process.pid()));
  }
  out.add(share_of(s.name, median_of(ours, &outcome::received_mib_per_second), "MiB/s",
                   median_of(bound, &outcome::received_mib_per_second), 0.80));
  out.add({std::string{s.name} + ": CPU", median_of(ours, &outcome::cpu_per_gib), "s/GiB",
           median_of(bound, &outcome::cpu_per_gib)});
}

/// A large answer is sent from the file. After a start each batch is read once, to check it; what was found whole, or
/// was appended since the start, is sent unread (actors/log/verified_ranges). The bound is the same pass once more.
void measure_checks(const options& o, report& out) {
  constexpr size_t size = 1 << 20;
  temporary_folder folder{o.folder};
  const auto data = folder.path() / "data";
  const auto batch = make_batch(size);
  const auto batches = o.scaled(checked_size / size);
  const auto records = log::batch_header::parse(batch.data()).record_count;
  uuid topic;
  {
    node_under_test node{data, {}};
    topic = fill(node, batch, batches);
    node.kill();
  }
  script all;
  for (size_t i = 0; i < batches; ++i)
    all.add(fetch_request(topic, 0, static_cast<int64_t>(i) * records, static_cast<int32_t>(size)));
  std::vector<outcome> first;
  std::vector<outcome> again;
  for (size_t round = 0; round < o.rounds(); ++round) {
    node_under_test node{data, {}};
    connection to{node.port()};
    while (!all_led(to))
      ::usleep(1000);
    for (auto* pass : {&first, &again})
      pass->push_back(run({node.port(), {all}, window, batches, fetch_error_at}, node.pid()));
  }
  out.add({"fetch 1 MiB for the first time after a start: CPU", median_of(first, &outcome::cpu_per_gib), "s/GiB",
           median_of(again, &outcome::cpu_per_gib)});
}

} // namespace

void measure_fetch(const options& o, report& out) {
  measure({"fetch 1 MiB from the page cache, 1 connection", 1 << 20, 1}, o, out);
  measure({"fetch 1 MiB from the page cache, 8 connections", 1 << 20, 8}, o, out);
  measure({"fetch 64 KiB from the page cache, 1 connection", 64 << 10, 1}, o, out);
  measure({"fetch 64 KiB from the page cache, 8 connections", 64 << 10, 8}, o, out);
  measure_checks(o, out);
}

} // namespace chisme::bench
