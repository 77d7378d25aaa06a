// How long partitions go unread when a member dies or comes, and what those notice who keep theirs.
//
// Members send heartbeats every 100 ms instead of every 3 or 5 s, so that it is the node that is measured and not the
// wait for the next heartbeat. The bound is what the protocol waits at worst with an infinitely fast node: all hear of
// it at their next heartbeat; under KIP-848 a newcomer waits for one of the old owner, and then for one of its own.
#include "tests/bench/benches.hpp"
#include "tests/bench/groups/crowd.hpp"

namespace chisme::bench {

namespace {

constexpr double heartbeat_interval = 0.1;
/// P5: no partition stops for longer.
constexpr double ceiling_ms = 1000;

/// A first generation of all, instead of one for each of the first who come.
const std::vector<std::string> node_options{"--group.initial.rebalance.delay.ms", "500"};

/// From the moment when the coordinator learns that a member is gone until others have read from all its partitions.
double after_death(crowd& c, member& victim) {
  const auto begin = now();
  victim.leave();
  c.loop().run_until([&] { return c.reads().all_read(); }, "the partitions of one that died");
  return (c.reads().last_first() - begin) * 1000;
}

/// From a join to the first record.
double after_join(crowd& c, member& newcomer) {
  const auto begin = now();
  newcomer.join();
  c.loop().run_until([&] { return c.reads().first_of(newcomer.number()).has_value(); }, "a newcomer's record");
  return (*c.reads().first_of(newcomer.number()) - begin) * 1000;
}

std::string title(const protocol& p, size_t members, const std::string& what) {
  return std::string{p.name} + ", " + std::to_string(members) + " members: " + what;
}

void measure_handover(const protocol& p, size_t members, double intervals_to_join, const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", node_options};
  crowd c{node.port(), p, {1, members, true, false}};
  c.join_all(heartbeat_interval);
  c.settle(heartbeat_interval);
  std::vector<double> deaths;
  std::vector<double> joins;
  for (size_t round = 0; round < o.rounds(); ++round) {
    auto& victim = c.at(round * 7 % members);
    deaths.push_back(after_death(c, victim));
    c.settle(heartbeat_interval);
    joins.push_back(after_join(c, victim));
    c.settle(heartbeat_interval);
  }
  const auto interval_ms = heartbeat_interval * 1000;
  out.add(at_most(title(p, members, "death to all read"), median(deaths), "ms", ceiling_ms, interval_ms));
  out.add(at_most(title(p, members, "join to first record"), median(joins), "ms", ceiling_ms,
                  intervals_to_join * interval_ms));
}

/// Records to all partitions all the time; how long those went without one that the newcomer never had.
void measure_pause(const protocol& p, size_t members, const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", node_options};
  crowd c{node.port(), p, {1, members, true, true}};
  // As often as two cores can serve beside everything else.
  c.feed(std::max(0.01, 2e-4 * static_cast<double>(members)));
  c.join(members - 1, heartbeat_interval);
  c.settle(heartbeat_interval);
  auto& newcomer = c.at(members - 1);
  const auto half = o.quick ? 0.5 : 2.5;
  c.reads().count_gaps(now(), newcomer.number());
  c.loop().run_for(2 * half);
  const auto calm = c.reads().longest_gap(now());
  c.reads().count_gaps(now(), newcomer.number());
  newcomer.pace(heartbeat_interval);
  newcomer.join();
  c.loop().run_for(half);
  newcomer.leave();
  c.loop().run_for(half);
  const auto disturbed = c.reads().longest_gap(now());
  out.add({title(p, members, "longest gap of kept ones"), disturbed * 1000, "ms", calm * 1000});
}

} // namespace

void measure_group_rebalance(const options& o, report& out) {
  raise_file_limit();
  for (const auto members : {10, 100, 1000}) {
    if (o.quick && members > 100)
      break;
    const auto n = static_cast<size_t>(members);
    measure_handover(classic_protocol, n, 1, o, out);
    measure_handover(consumer_protocol, n, 2, o, out);
    measure_pause(classic_protocol, n, o, out);
    measure_pause(consumer_protocol, n, o, out);
  }
}

} // namespace chisme::bench
