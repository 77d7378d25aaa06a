// A node that starts with many committed offsets: how soon its coordinator answers.
#include "tests/bench/benches.hpp"
#include "tests/bench/groups/crowd.hpp"
#include "tests/bench/pipeline.hpp"

#include <fstream>
#include <numeric>

namespace chisme::bench {

namespace {

constexpr int32_t partitions = 100;
/// All groups in one partition: one coordinator reads everything.
const std::vector<std::string> node_options{"--offsets.topic.num.partitions", "1"};

std::string group_name(size_t i) { return "group-" + std::to_string(i); }

void commit_all(uint16_t port, size_t groups, const uuid& topic) {
  script all;
  for (size_t i = 0; i < groups; ++i)
    all.add(commit_request(group_name(i), topic, partitions, static_cast<int64_t>(i)));
  run({port, {std::move(all)}, 16, groups, commit_error_at});
}

/// Throws where an offset is not the one that was committed.
void check_offsets(connection& to, size_t group, const uuid& topic) {
  kafka::offset_fetch_request r;
  auto& g = r.groups.emplace_back();
  g.group_id = group_name(group);
  auto& t = g.topics.emplace().emplace_back();
  t.topic_id = topic;
  t.partition_indexes.resize(partitions);
  std::iota(t.partition_indexes.begin(), t.partition_indexes.end(), 0);
  const auto answer = to.call<kafka::offset_fetch_response>(r);
  for (const auto& p : answer.groups.at(0).topics.at(0).partitions) {
    if (p.committed_offset != static_cast<int64_t>(group) + p.partition_index)
      throw std::runtime_error("a committed offset is lost");
  }
}

double restart(const std::string& data, size_t groups, const uuid& topic) {
  node_under_test node{data, node_options};
  connection to{node.port()};
  wait_for_coordinator(to, group_name(groups - 1));
  const auto seconds = now() - node.begun();
  check_offsets(to, groups - 1, topic);
  return seconds;
}

/// Every byte of the partition, once.
double read_everything(const std::string& data) {
  const auto begin = now();
  std::vector<char> chunk(1 << 20);
  for (const auto& e : std::filesystem::directory_iterator{data + "/__consumer_offsets-0"}) {
    std::ifstream in{e.path(), std::ios::binary};
    while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())))
      ;
  }
  return now() - begin;
}

} // namespace

void measure_group_load(const options& o, report& out) {
  temporary_folder folder{o.folder};
  const auto data = (folder.path() / "data").string();
  const auto groups = o.scaled(1000);
  uuid topic;
  {
    node_under_test node{data, node_options};
    connection to{node.port()};
    topic = create_topic(to, "read", {partitions, {}});
    wait_for_coordinator(to, group_name(0));
    commit_all(node.port(), groups, topic);
    node.kill();
  }
  std::vector<double> seconds;
  std::vector<double> bound;
  for (size_t round = 0; round < o.rounds(); ++round) {
    seconds.push_back(restart(data, groups, topic));
    bound.push_back(read_everything(data));
  }
  const auto offsets = std::to_string(groups * partitions);
  out.add(at_most("start to the first OffsetFetch, " + offsets + " offsets", median(seconds), "s", 1, median(bound)));
}

} // namespace chisme::bench
