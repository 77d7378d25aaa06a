// What groups and their members weigh: resident memory of the node before and after.
//
// Members: everybody is connected and has been answered once before the first measurement, so that sockets are not in
// it; what their requests left behind in the allocator is.
#include "tests/bench/benches.hpp"
#include "tests/bench/groups/crowd.hpp"
#include "tests/bench/pipeline.hpp"

namespace chisme::bench {

namespace {

constexpr size_t warm = 100; // groups that are there before the first measurement
constexpr size_t members_of_a_group = 100;
constexpr double heartbeat_interval = 0.5;

std::string group_name(size_t i) { return "group-" + std::to_string(i); }

/// As many commits of a few groups come before the first measurement, so that buffers are not in it.
void measure_groups(const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {}};
  connection to{node.port()};
  const auto topic = create_topic(to, "read", {});
  const auto count = o.scaled(10'000);
  script same;
  script all;
  for (size_t i = 0; i < count; ++i) {
    same.add(commit_request(group_name(i % warm), topic, 1, 42));
    all.add(commit_request(group_name(i), topic, 1, 42));
  }
  for (size_t i = 0; i < warm; ++i)
    wait_for_coordinator(to, group_name(i));
  run({node.port(), {std::move(same)}, 64, count, commit_error_at});
  const auto before = node.resident();
  run({node.port(), {std::move(all)}, 64, count, commit_error_at});
  const auto each = (node.resident() - before) * 1024 / static_cast<double>(count - warm);
  out.add({"memory of a group with one offset (of " + std::to_string(count) + ")", each, "KiB", {}});
}

void measure_members(const protocol& p, const options& o, report& out) {
  const auto count = std::min<size_t>(o.scaled(10'000), raise_file_limit() - 100);
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", {"--group.initial.rebalance.delay.ms", "500"}};
  crowd c{node.port(), p, {count / members_of_a_group, members_of_a_group, false, false}};
  const auto before = node.resident();
  c.join_all(heartbeat_interval);
  c.loop().run_for(4 * heartbeat_interval);
  const auto each = (node.resident() - before) * 1024 / static_cast<double>(c.size());
  out.add({std::string{"memory of a "} + p.name + " member (of " + std::to_string(c.size()) + " in groups of " +
             std::to_string(members_of_a_group) + ")",
           each,
           "KiB",
           {}});
}

} // namespace

void measure_group_memory(const options& o, report& out) {
  measure_groups(o, out);
  measure_members(classic_protocol, o, out);
  measure_members(consumer_protocol, o, out);
}

} // namespace chisme::bench
