// A node in this process: what a request and a record cost in allocations and copied bytes.
#include "nodes/node.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/counting.hpp"
#include "tests/bench/pipeline.hpp"

#include <spdlog/spdlog.h>

namespace chisme::bench {

namespace {

class node_inside {
public:
  explicit node_inside(const std::string& data) : node_(settings(data)) {
    spdlog::set_level(spdlog::level::warn);
    if (auto ok = node_.start(); !ok)
      throw std::runtime_error(ok.error().message);
  }
  uint16_t port() const { return node_.listeners().at(0).port; }

private:
  static node_settings settings(const std::string& data) {
    node_settings s;
    s.listeners = {{"PLAINTEXT", "127.0.0.1", 0}};
    s.data_dir = data;
    return s;
  }
  nodes::node node_;
};

/// What one request costs, on average over many after some that warm up.
struct cost {
  double allocations = 0;
  double copied = 0;
};

cost cost_of(load l, size_t requests) {
  l.requests = requests / 10;
  run(l);
  l.requests = requests;
  const auto before = count();
  run(l);
  const auto spent = count() - before;
  const auto n = static_cast<double>(requests);
  return {static_cast<double>(spent.allocations) / n, static_cast<double>(spent.copied_bytes) / n};
}

class subject {
public:
  explicit subject(const options& o) : folder_(o.folder), node_(folder_.path() / "data"), to_(node_.port()) {
    topic_ = create_topic(to_, "inside", {1, {{"log.flush", "lazy"}}});
  }

  load produce(int32_t records, size_t value_size, size_t window) {
    const auto request = produce_request(topic_, 0, make_batch_of(records, value_size), 1);
    to_.exchange(request);
    return {node_.port(), {script::of(request, window)}, window, 0, produce_error_at};
  }
  /// Reads the batch that lies at offset 0.
  load fetch(int32_t max_bytes, size_t window) {
    const auto request = fetch_request(topic_, 0, 0, max_bytes);
    return {node_.port(), {script::of(request, window)}, window, 0, fetch_error_at};
  }

private:
  temporary_folder folder_;
  node_inside node_;
  connection to_;
  uuid topic_;
};

constexpr int32_t some_records = 100;
constexpr size_t value_size = 100;
/// What comes and goes in the background of a few thousand requests is less than this for each record.
constexpr double nothing = 0.01;

void show(const std::string& what, const cost& n, const cost& twice, size_t bytes_more, report& out) {
  const auto per_record = (twice.allocations - n.allocations) / some_records;
  const auto copied = (twice.copied - n.copied) / static_cast<double>(bytes_more);
  out.add({what + ": allocations per request", n.allocations, "", {}});
  out.add({what + ": bytes copied per request", n.copied, "B", {}});
  out.add(at_most(what + ": allocations per record", std::max(0.0, per_record), "", nothing));
  out.add(at_most(what + ": times a record byte is copied", std::max(0.0, copied), "", nothing));
}

} // namespace

void measure_allocations(const options& o, report& out) {
  const auto requests = o.scaled(20'000);
  const auto more = make_batch_of(2 * some_records, value_size).size() - make_batch_of(some_records, value_size).size();
  for (size_t window : {size_t{1}, size_t{64}}) {
    const auto in_flight = window == 1 ? std::string{"alone"} : std::to_string(window) + " in flight";
    subject s{o};
    const auto n = cost_of(s.produce(some_records, value_size, window), requests);
    const auto twice = cost_of(s.produce(2 * some_records, value_size, window), requests);
    show("produce, " + in_flight, n, twice, more, out);
  }
  subject one{o};
  const auto n_load = one.produce(some_records, value_size, 1);
  const auto n = cost_of(one.fetch(1 << 10, 1), requests);
  subject two{o};
  const auto twice_load = two.produce(2 * some_records, value_size, 1);
  show("fetch", n, cost_of(two.fetch(1 << 10, 1), requests), more, out);
}

void run_in_process(const std::string& kind, size_t requests, const options& o) {
  subject s{o};
  auto l = s.produce(1, 880, 64);
  if (kind == "fetch")
    l = s.fetch(1 << 10, 64);
  l.requests = requests;
  const auto done = run(l);
  spdlog::warn("{} requests in {:.3f} s", done.requests, done.seconds);
}

} // namespace chisme::bench
