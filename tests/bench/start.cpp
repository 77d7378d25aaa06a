// How soon a new node answers, and what it weighs.
#include "messages/kafka/18_api_versions.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/pipeline.hpp"

namespace chisme::bench {

namespace {

kafka::api_versions_request hello() {
  kafka::api_versions_request r;
  r.client_software_name = "bench";
  r.client_software_version = "1";
  return r;
}

/// MiB after `requests` requests of 64 KiB, in ten topics' worth of partitions.
double memory_after_load(node_under_test& node, size_t requests) {
  connection to{node.port()};
  const auto topic = create_topic(to, "load", {10, {{"log.flush", "lazy"}}});
  load l{node.port(), {}, 8, requests, produce_error_at};
  const auto batch = make_batch(64 << 10);
  for (int32_t p = 0; p < 8; ++p)
    l.scripts.push_back(script::of(produce_request(topic, p, batch, 1), 4));
  run(l);
  return node.resident();
}

} // namespace

void measure_start(const options& o, report& out) {
  std::vector<double> answered;
  std::vector<double> idle;
  std::vector<double> loaded;
  for (size_t round = 0; round < o.rounds(); ++round) {
    temporary_folder folder{o.folder};
    node_under_test node{folder.path() / "data", {}};
    connection to{node.port()};
    to.call<kafka::api_versions_response>(hello());
    answered.push_back((now() - node.begun()) * 1000);
    idle.push_back(node.resident());
    loaded.push_back(memory_after_load(node, o.scaled(1000)));
  }
  out.add(at_most("start to first answer, empty folder", median(answered), "ms", 100));
  out.add(at_most("resident memory, idle", median(idle), "MiB", 30));
  out.add({"resident memory, after 64 KiB produces on 8 connections", median(loaded), "MiB", {}});
}

} // namespace chisme::bench
