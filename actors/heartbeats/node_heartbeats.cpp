// What the groups of this node change. What its peers change is in node_heartbeats_peers.cpp.
#include "actors/heartbeats/node_heartbeats.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace chisme::heartbeats {

namespace {

bool contains(const std::vector<node_id>& ascending, node_id id) {
  return std::binary_search(ascending.begin(), ascending.end(), id);
}

std::vector<node_id> of_either(const std::vector<node_id>& a, const std::vector<node_id>& b) {
  std::vector<node_id> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

} // namespace

node_heartbeats::node_heartbeats(node_id self, uint64_t process, options o)
  : self_(self), process_(process), options_(o) {
  if (process == 0)
    throw std::invalid_argument{"0 is no process"};
}

void node_heartbeats::step(timestamp_ms now, const any_input& in, outputs& out) {
  // More than two ticks without anything at all: this node was not run, whatever its peers did.
  if (last_step_ >= 0)
    awake_ += std::clamp<int64_t>(now - last_step_, 0, 2 * options_.tick_ms);
  last_step_ = std::max(now, last_step_);
  std::visit([&](const auto& x) { on(x, out); }, in);
}

bool node_heartbeats::is_heard(node_id peer) const {
  const auto i = peers_.find(peer);
  return i != peers_.end() && i->second.is_heard;
}

size_t node_heartbeats::unacknowledged_by(node_id peer) const {
  const auto i = peers_.find(peer);
  return i == peers_.end() ? 0 : i->second.news.size();
}

void node_heartbeats::on(const input::group_changed& x, outputs& out) {
  const auto [place, is_new] = groups_.try_emplace(x.group);
  auto& group = place->second;
  const auto before = std::exchange(group, {peers_of(x), x.leader, x.epoch, x.commit});
  if (before.peers == group.peers)
    for (const auto id : group.peers)
      relate(id, x.group, before, group);
  else
    for (const auto id : of_either(before.peers, group.peers))
      relate(id, x.group, before, group);
  remind(x.group, group, is_new, out);
}

void node_heartbeats::on(const input::group_gone& x, outputs&) {
  const auto place = groups_.find(x.group);
  if (place == groups_.end())
    return;
  const auto before = std::move(place->second);
  groups_.erase(place);
  for (const auto id : before.peers)
    relate(id, x.group, before, {});
  // A replica that comes back begins with everybody heard, also those who are no members any more.
  for (auto& [id, p] : peers_)
    if (auto* t = p.find(x.group)) {
      t->told_silent = false;
      p.tidy(x.group);
    }
}

/// All who share it but this node, ascending.
std::vector<node_id> node_heartbeats::peers_of(const input::group_changed& x) const {
  std::vector<node_id> all;
  all.reserve(x.members.size() + 1);
  all = x.members;
  all.push_back(x.leader);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::erase_if(all, [this](node_id id) { return id == self_ || id == nobody; });
  return all;
}

tie::role node_heartbeats::role_of(node_id peer, const local_group& g) const {
  if (!contains(g.peers, peer))
    return tie::role::none;
  if (g.leader == self_)
    return tie::role::leads_here;
  return g.leader == peer ? tie::role::follows_peer : tie::role::none;
}

/// What a change of the group changes between it and one peer.
void node_heartbeats::relate(node_id id, const group_id& group, const local_group& before, const local_group& now) {
  auto& p = peers_[id];
  p.shared += contains(now.peers, id);
  p.shared -= contains(before.peers, id);
  const auto was = role_of(id, before);
  const auto is = role_of(id, now);
  if (was == tie::role::none && is == tie::role::none)
    return;
  auto& t = p.ties[group];
  t.here = is;
  switch (is) {
    case tie::role::leads_here:
      if (was != is || before.epoch != now.epoch || before.commit != now.commit)
        p.news.put({group, now.epoch, now.commit, true});
      if (was != is && !p.is_heard && !t.told_silent)
        await(p, group, t);
      break;
    case tie::role::follows_peer:
      t.followed_epoch = now.epoch;
      if (!p.is_heard || !t.is_confirmed())
        await(p, group, t);
      break;
    case tie::role::none:
      break;
  }
  if (was == tie::role::leads_here && is != was)
    p.news.put({group, before.epoch, before.commit, false});
  p.tidy(group);
}

/// Of a leader that the replica does not know of (any more), although it is there.
void node_heartbeats::remind(const group_id& group, const local_group& g, bool is_new, outputs& out) const {
  if (g.leader == self_)
    return;
  for (const auto id : g.peers) {
    const auto& p = peers_.at(id);
    const auto i = p.ties.find(group);
    if (!p.is_heard || i == p.ties.end() || !i->second.theirs)
      continue;
    const auto& c = *i->second.theirs;
    if (c.epoch > g.epoch || (c.epoch == g.epoch && (is_new || g.leader == nobody)))
      out.push_back(output::heard_of{group, id, c.epoch, c.commit, true});
  }
}

} // namespace chisme::heartbeats
