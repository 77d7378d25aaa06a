// How long partitions go unread when a member dies or comes, and what those notice who keep theirs.
//
// Members send heartbeats every 100 ms (250 ms where there are 1,000, or two cores do little else) instead of every 3
// or 5 s, so that it is the node that is measured and not the wait for the next heartbeat. The bound is what it takes
// at worst with a node that decides in no time: all hear of it at their next heartbeat; under KIP-848 a newcomer waits
// for one of the old owner, and then for one of its own. In a classic group everybody then joins, syncs, asks for
// offsets and fetches: as many frames exchanged with a loop that only answers are part of its bound.
#include "tests/bench/benches.hpp"
#include "tests/bench/bounds.hpp"
#include "tests/bench/groups/crowd.hpp"

#include <algorithm>

namespace chisme::bench {

namespace {

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

/// One client of the bound: exchanges one behind the other.
void exchange(channel& to, const bytes& frame, size_t exchanges, size_t& finished) {
  to.send(frame, [&, exchanges](const buffer&) {
    if (exchanges == 1)
      ++finished;
    else
      exchange(to, frame, exchanges - 1, finished);
  });
}

/// Both in ms.
struct cost {
  double time = 0;
  double cpu = 0; ///< of the server
};

/// What `exchanges` of each of `clients` cost a loop that only answers.
cost against_bound(size_t clients, size_t exchanges) {
  const auto server = receive_and_pwrite("/dev/null", buffer::copy_of(bytes(100)), 1 << 30);
  const auto frame = commit_request("crowd", {}, 1, 0); // as long as most of what members send
  event_loop loop;
  std::deque<channel> all;
  for (size_t i = 0; i < clients; ++i)
    all.emplace_back(loop, server.port);
  size_t finished = 0;
  const auto begin = now();
  for (auto& c : all)
    exchange(c, frame, exchanges, finished);
  loop.run_until([&] { return finished == clients; }, "the bound's answers");
  return {(now() - begin) * 1000, cpu_seconds(server.process.pid()) * 1000};
}

double interval_of(size_t members) { return members < 1000 ? 0.1 : 0.25; }

std::string title(const protocol& p, size_t members, const std::string& what) {
  const auto ms = std::to_string(static_cast<int>(interval_of(members) * 1000));
  return std::string{p.name} + ", " + std::to_string(members) + " members (" + ms + " ms): " + what;
}

/// What a rebalance takes without a node.
struct handover_bound {
  double intervals_to_leave; ///< of heartbeats
  double intervals_to_join;
  size_t exchanges; ///< of every member, one behind the other
};

void measure_handover(const protocol& p, size_t members, const handover_bound& b, const options& o, report& out) {
  const auto interval = interval_of(members);
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", node_options};
  crowd c{node.port(), p, {1, members, true, false}};
  c.join_all(interval);
  c.settle(interval);
  std::vector<double> deaths;
  std::vector<double> joins;
  std::vector<double> bound;
  double cpu_of_all = 0; // it is counted in steps of 10 ms: only the sum says something
  double cpu_of_bound = 0;
  for (size_t round = 0; round < o.rounds(); ++round) {
    auto& victim = c.at(round * 7 % members);
    const auto cpu = cpu_seconds(node.pid());
    deaths.push_back(after_death(c, victim));
    cpu_of_all += (cpu_seconds(node.pid()) - cpu) * 1000;
    c.settle(interval);
    joins.push_back(after_join(c, victim));
    c.settle(interval);
    const auto raw = b.exchanges > 0 ? against_bound(members, b.exchanges) : cost{};
    bound.push_back(raw.time);
    cpu_of_bound += raw.cpu;
  }
  const auto rounds = static_cast<double>(o.rounds());
  const auto raw = median(bound);
  out.add(at_most(title(p, members, "death to all read"), median(deaths), "ms", ceiling_ms,
                  b.intervals_to_leave * interval * 1000 + raw));
  out.add({title(p, members, "CPU of that"), cpu_of_all / rounds, "ms", cpu_of_bound / rounds});
  out.add(at_most(title(p, members, "join to first record"), median(joins), "ms", ceiling_ms,
                  b.intervals_to_join * interval * 1000 + raw));
}

/// Records to all partitions all the time; how long those went without one that the newcomer never had.
void measure_pause(const protocol& p, size_t members, const options& o, report& out) {
  temporary_folder folder{o.folder};
  node_under_test node{folder.path() / "data", node_options};
  crowd c{node.port(), p, {1, members, true, true}};
  // As often as two cores can serve beside everything else.
  c.feed(std::max(0.01, 2e-4 * static_cast<double>(members)));
  c.join(members - 1, interval_of(members));
  c.settle(interval_of(members));
  auto& newcomer = c.at(members - 1);
  newcomer.pace(interval_of(members));
  std::vector<double> calm;
  std::vector<double> disturbed;
  for (size_t round = 0; round < o.rounds(); ++round) {
    const auto begin = now();
    c.reads().count_gaps(begin, newcomer.number());
    // Leaving before it has got anything would end with a partition that moved and that it never had.
    after_join(c, newcomer);
    c.loop().run_for(interval_of(members));
    newcomer.leave();
    c.settle(interval_of(members));
    disturbed.push_back(c.reads().longest_gap(now()) * 1000);
    const auto length = now() - begin;
    c.reads().count_gaps(now(), newcomer.number());
    c.loop().run_for(length);
    calm.push_back(c.reads().longest_gap(now()) * 1000);
  }
  out.add({title(p, members, "longest gap (bound: calm)"), median(disturbed), "ms", median(calm)});
}

} // namespace

void measure_group_rebalance(const options& o, report& out) {
  raise_file_limit();
  for (const auto members : {10, 100, 1000}) {
    if (o.quick && members > 100)
      break;
    const auto n = static_cast<size_t>(members);
    measure_handover(classic_protocol, n, {1, 1, 4}, o, out);
    measure_handover(consumer_protocol, n, {1, 2, 0}, o, out);
    measure_pause(classic_protocol, n, o, out);
    measure_pause(consumer_protocol, n, o, out);
  }
}

} // namespace chisme::bench
