// kill -9 with much on disk: how soon the next node serves all of it.
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/18_api_versions.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/pipeline.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

constexpr int32_t partitions = 1000;

/// 1 MiB and a little into each partition, on one connection.
void fill(uint16_t port, const uuid& topic, size_t batches_each, const buffer& batch) {
  script all;
  for (int32_t p = 0; p < partitions; ++p)
    all.add(produce_request(topic, p, batch, -1));
  run({port, {std::move(all)}, 16, partitions * batches_each, produce_error_at});
}

/// Fetches the last batch of the last partition; throws where it is not there.
void read_something(connection& to, const uuid& topic, const buffer& batch) {
  const auto answer = to.exchange(fetch_request(topic, partitions - 1, 0, static_cast<int32_t>(batch.size())));
  if (answer.size() < batch.size())
    throw std::runtime_error("a partition is empty after the restart");
}

struct found {
  double seconds = 0;
  double memory = 0;
};

found restart(const std::string& data, const uuid& topic, const buffer& batch) {
  node_under_test node{data, {}};
  connection to{node.port()};
  kafka::api_versions_request hello;
  hello.client_software_name = "bench";
  hello.client_software_version = "1";
  to.call<kafka::api_versions_response>(hello);
  while (!all_led(to))
    ::usleep(1000);
  read_something(to, topic, batch);
  return {now() - node.begun(), node.resident()};
}

/// Opens every file of the folder and reads its first page: what no start can do without.
double open_everything(const std::string& data) {
  const auto begin = now();
  std::array<char, 4096> page;
  for (const auto& e : std::filesystem::recursive_directory_iterator{data}) {
    if (!e.is_regular_file())
      continue;
    const auto fd = ::open(e.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::pread(fd, page.data(), page.size(), 0) < 0)
      give_up("read " + e.path().string());
    ::close(fd);
  }
  return now() - begin;
}

/// `batch_size`: each partition gets 1 MiB in batches of that size.
void measure(const options& o, const std::string& flush, size_t batch_size, report& out) {
  temporary_folder folder{o.folder};
  const auto data = (folder.path() / "data").string();
  const auto batch = make_batch(batch_size);
  uuid topic;
  {
    node_under_test node{data, {}};
    connection to{node.port()};
    topic = create_topic(to, "restart", {partitions, {{"log.flush", flush}}});
    fill(node.port(), topic, o.scaled((1 << 20) / batch_size), batch);
    node.kill();
  }
  std::vector<double> seconds;
  std::vector<double> memory;
  std::vector<double> bound;
  for (size_t round = 0; round < std::min<size_t>(3, o.rounds()); ++round) {
    const auto r = restart(data, topic, batch);
    seconds.push_back(r.seconds);
    memory.push_back(r.memory);
    bound.push_back(open_everything(data));
  }
  const auto name = "restart after kill -9, 1000 partitions, 1 GiB, " + flush;
  out.add(at_most(name + ", first", seconds.front(), "s", 2, bound.front()));
  out.add(at_most(name + ", again", median(seconds), "s", 2, median(bound)));
  out.add({"resident memory, 1000 partitions, " + flush, median(memory), "MiB", {}});
}

} // namespace

void measure_restart(const options& o, report& out) {
  measure(o, "sync", 256 << 10, out);
  measure(o, "lazy", 256 << 10, out);
}

} // namespace chisme::bench
