// What is done to the nodes, their replicas and their links.
#include "tests/sim/heartbeats_sim.hpp"
#include "tests/support/heartbeats_words.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

namespace input = heartbeats::input;

} // namespace

void heartbeats_sim::start_node(node_id id) {
  auto& n = nodes_[id];
  const auto before = n.process;
  n = {};
  n.process = before == 0 ? static_cast<uint64_t>(id) * 1'000 : before + 1;
  say(std::to_string(id) + " starts as " + std::to_string(n.process));
  n.machine.emplace(id, n.process, options_);
  n.next_tick = now_ + some(options_.tick_ms);
  for (auto& [link, process] : links_)
    if (link.first == id)
      process = 0;
  for (auto& [g, who] : members_)
    if (who.contains(id) && chance(0.7))
      open(id, g);
}

void heartbeats_sim::open(node_id id, group_number g) {
  auto& r = nodes_[id].replicas[g];
  if (!members_[g].contains(id) || r.start != 0)
    return;
  r = {};
  r.start = ++starts_;
  r.epoch = epochs_[g] < 0 ? -1 : static_cast<leader_epoch_t>(some(epochs_[g] + 1));
  report_of(id, g);
}

void heartbeats_sim::close(node_id id, group_number g) {
  report_of(id, g, true);
  nodes_[id].replicas[g] = {};
}

/// Some of the others learn of it by an append, which is faster than the heartbeats.
void heartbeats_sim::elect(node_id id, group_number g) {
  auto& r = nodes_[id].replicas[g];
  if (r.start == 0 || is_paused(nodes_[id]))
    return;
  const auto epoch = ++epochs_[g];
  say(std::to_string(id) + " is elected by group " + std::to_string(g) + " in " + std::to_string(epoch));
  r.leader = id;
  r.epoch = epoch;
  r.commit = committed_[g];
  report_of(id, g);
  for (const auto other : members_[g])
    if (auto& o = nodes_[other].replicas[g]; other != id && o.start != 0 && !is_paused(nodes_[other]) && chance(0.4)) {
      o.leader = id;
      o.epoch = epoch;
      report_of(other, g);
    }
}

void heartbeats_sim::step_down(group_number g) {
  for (auto& [id, n] : nodes_)
    if (auto& r = n.replicas[g]; r.start != 0 && r.leader == id) {
      r.leader = -1;
      return report_of(id, g);
    }
}

void heartbeats_sim::append(group_number g) {
  for (auto& [id, n] : nodes_)
    if (auto& r = n.replicas[g]; r.start != 0 && r.leader == id && r.epoch == epochs_[g]) {
      r.commit = committed_[g] += 1 + some(10);
      report_of(id, g);
    }
}

void heartbeats_sim::change_members(group_number g) {
  const auto id = some_node();
  auto& who = members_[g];
  if (who.contains(id) && who.size() > 2) {
    if (nodes_[id].replicas[g].start != 0)
      close(id, g);
    who.erase(id);
  } else if (who.insert(id).second) {
    open(id, g);
  }
  for (const auto member : who)
    if (nodes_[member].replicas[g].start != 0)
      report_of(member, g);
}

/// A link is closed, or made: by and by it stands to the process that is there.
void heartbeats_sim::pulse_link(node_id a, node_id b) {
  if (is_paused(nodes_[a]))
    return;
  auto& link = links_[{a, b}];
  if (link != 0 && (faults_ || link != nodes_[b].process) && chance(0.5)) {
    link = 0;
    say(std::to_string(a) + " loses the link to " + std::to_string(b));
    step(a, input::peer_down{b});
    if (faults_)
      return;
  }
  if (blocked_.contains({a, b}))
    return;
  link = nodes_[b].process;
  say(std::to_string(a) + " has a link to " + std::to_string(b));
  step(a, input::peer_up{b, link});
}

void heartbeats_sim::report_of(node_id id, group_number g, bool is_gone) {
  auto& n = nodes_[id];
  const auto& r = n.replicas[g];
  const auto soonest = n.reports.empty() ? now_ : n.reports.back().at;
  const auto at = std::max(soonest, now_ + some(20));
  if (is_gone)
    say(std::to_string(id) + " closes group " + std::to_string(g));
  n.reports.push_back(
    {at, r.start, is_gone, {group(g), {members_[g].begin(), members_[g].end()}, r.leader, r.epoch, r.commit}});
}

} // namespace chisme::test
