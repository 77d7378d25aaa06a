#include "tests/sim/heartbeats_sim.hpp"
#include "tests/support/heartbeats_words.hpp"

#include <algorithm>
#include <utility>

namespace chisme::test {

namespace {

namespace output = heartbeats::output;

std::string at(node_id id, int32_t g) { return "node " + std::to_string(id) + ", group " + std::to_string(g) + ": "; }

} // namespace

/// Who follows the peer, or leads it, as the heartbeats know, was told in this step.
void heartbeats_sim::check_told(node_id id, node_id peer, const heartbeats::outputs& out, bool is_restart) {
  auto& n = nodes_[id];
  const auto has = [&](const heartbeats::any_output& o) { return std::ranges::find(out, o) != out.end(); };
  const auto is_claimed_anew = [&](group_number g) {
    return std::ranges::any_of(out, [&](const auto& o) {
      const auto* x = std::get_if<output::heard_of>(&o);
      return x && x->group == group(g) && x->from == peer && x->leads;
    });
  };
  for (const auto& [g, k] : n.known) {
    if (k.last.leader == peer && n.replicas[g].leader == peer && n.replicas[g].start == k.start &&
        n.replicas[g].epoch == k.last.epoch && !is_claimed_anew(g))
      wrong(at(id, g) + "still believes in " + std::to_string(peer));
    const bool is_member = std::ranges::find(k.last.members, peer) != k.last.members.end();
    if (is_restart && k.last.leader == id && is_member && !has(output::peer_restarted{group(g), peer}))
      wrong(at(id, g) + "was not told that " + std::to_string(peer) + " was started anew");
  }
}

void heartbeats_sim::see_process(node_id id, node_id peer, uint64_t process, const heartbeats::outputs& out) {
  auto& v = nodes_[id].views[peer];
  if (process <= v.process)
    return;
  const bool is_restart = v.process != 0;
  const auto heard_at = v.heard_at;
  v = {};
  v.process = process;
  v.heard_at = heard_at;
  if (is_restart)
    check_told(id, peer, out, true);
}

/// A replica does not believe for longer than the time of a silence in what its node cannot know as true.
void heartbeats_sim::check_beliefs(node_id id, node& n) {
  for (auto& [g, r] : n.replicas) {
    const std::pair belief{r.leader, r.epoch};
    if (r.start == 0 || r.leader == -1 || r.leader == id || std::exchange(r.doubted, belief) != belief) {
      r.in_doubt = 0;
      continue;
    }
    const auto& v = n.views[r.leader];
    const auto claim = v.claims.find(g);
    const bool is_alive = n.own_time - v.heard_at <= options_.silence_ms + options_.tick_ms;
    const bool is_claimed = claim != v.claims.end() && claim->second >= r.epoch;
    r.in_doubt = is_alive && (is_claimed || v.more) ? 0 : r.in_doubt + slot_ms;
    if (r.in_doubt > options_.silence_ms + 2 * options_.tick_ms + slack_ms)
      wrong(at(id, g) + "believes in " + std::to_string(r.leader) + ", and nothing says so");
  }
}

/// A leader knows who is silent: not who is heard, and nobody too late.
void heartbeats_sim::check_silences(node_id id, node& n) {
  const auto patience = options_.silence_ms + 2 * options_.tick_ms;
  for (const auto& [g, k] : n.known) {
    const auto& r = n.replicas[g];
    if (r.start != k.start)
      continue;
    for (const auto silent : r.silent)
      if (n.machine->is_heard(silent))
        wrong(at(id, g) + "is thought to be silent while it is heard: " + std::to_string(silent));
    if (r.leader != id || k.leads_since < 0 || n.own_time - k.leads_since <= patience)
      continue;
    for (const auto peer : k.last.members)
      if (peer != id && n.own_time - n.views[peer].heard_at > patience && !r.silent.contains(peer) &&
          std::ranges::find(n.reports, g, [](const report& x) { return x.what.group.partition; }) == n.reports.end())
        wrong(at(id, g) + "has not been told that it is silent: " + std::to_string(peer));
  }
}

/// All know the truth, and nothing more is said of it.
void heartbeats_sim::check_calm() {
  if (entries_sent_ != 0)
    wrong(std::to_string(entries_sent_) + " entries in a second in which nothing happened");
  for (const auto& [g, who] : members_) {
    node_id leader = -1;
    for (const auto id : who)
      if (const auto& r = nodes_[id].replicas[g]; r.leader == id && r.epoch == epochs_[g])
        leader = id;
    for (const auto id : who)
      check_calm(id, nodes_[id], g, leader);
  }
}

void heartbeats_sim::check_calm(node_id id, node& n, group_number g, node_id leader) {
  const auto& r = n.replicas[g];
  if (r.leader != leader)
    return wrong(at(id, g) + "believes in " + std::to_string(r.leader) + ", the leader is " + std::to_string(leader));
  for (const auto silent : r.silent)
    if (members_[g].contains(silent))
      wrong(at(id, g) + "is thought to be silent: " + std::to_string(silent));
  if (leader == -1)
    return;
  const auto& truth = nodes_[leader].replicas[g];
  if (r.epoch != truth.epoch || r.commit != truth.commit)
    wrong(at(id, g) + "knows epoch " + std::to_string(r.epoch) + " commit " + std::to_string(r.commit) + ", not " +
          std::to_string(truth.epoch) + " and " + std::to_string(truth.commit));
  for (const auto peer : members_[g])
    if (peer != id && (!n.machine->is_heard(peer) || n.machine->unacknowledged_by(peer) != 0))
      wrong(at(id, g) + "is not at peace with " + std::to_string(peer));
}

} // namespace chisme::test
