// What the peers of this node change: their heartbeats, links and processes, and the silence in between.
#include "actors/heartbeats/node_heartbeats.hpp"

#include <algorithm>
#include <utility>

namespace chisme::heartbeats {

void node_heartbeats::on(const input::tick&, outputs& out) {
  for (auto& [id, p] : peers_) {
    const auto patience = p.is_suspected ? options_.suspected_silence_ms : options_.silence_ms;
    if (p.is_heard && awake_ - p.heard_at >= patience)
      silent(id, p, out);
    look_at_awaited(id, p, out);
    send(id, p, out);
  }
}

void node_heartbeats::on(const input::message_arrived& x, outputs& out) {
  const auto& m = x.message;
  // What was meant for a former process of this node is no news for this one: it lacks what that one has acknowledged.
  if (x.from == self_ || m.process == 0 || (m.to_process != 0 && m.to_process != process_))
    return;
  auto& p = peers_[x.from];
  // While a link is up, the process that it leads to is the one; whoever replaces it closes it.
  if (p.is_up ? m.process != p.process : std::ranges::find(p.former, m.process) != p.former.end())
    return;
  know_process(x.from, p, m.process, out);
  if (m.sequence <= p.received)
    return; // doubled, or overtaken by a newer one, which says more
  p.received = m.sequence;
  p.has_more = m.more;
  p.owes_answer = p.owes_answer || !m.entries.empty();
  if (m.to_process == process_ && m.acknowledged <= p.sent)
    p.news.acknowledge(m.acknowledged, options_.most_entries);
  for (const auto& e : m.entries)
    take(x.from, p, e, out);
  if (awake_ < p.deaf_until)
    return;
  p.heard_at = awake_;
  p.is_suspected = false;
  if (!p.is_heard)
    heard(x.from, p, out);
}

void node_heartbeats::on(const input::peer_up& x, outputs& out) {
  if (x.node == self_ || x.process == 0)
    return;
  auto& p = peers_[x.node];
  // It has just answered: it is the one that is there, whatever was believed.
  std::erase(p.former, x.process);
  know_process(x.node, p, x.process, out);
  p.is_up = true;
  p.deaf_until = awake_;
}

void node_heartbeats::on(const input::peer_down& x, outputs& out) {
  const auto i = peers_.find(x.node);
  if (i == peers_.end())
    return;
  auto& p = i->second;
  p.is_up = false;
  p.deaf_until = awake_ + options_.tick_ms;
  if (p.is_heard)
    silent(x.node, p, out);
  look_at_all_awaited(x.node, p, out);
}

void node_heartbeats::on(const input::peer_suspected& x, outputs& out) {
  const auto i = peers_.find(x.node);
  if (i == peers_.end())
    return;
  auto& p = i->second;
  p.is_suspected = true;
  if (p.is_heard && awake_ - p.heard_at >= options_.suspected_silence_ms)
    silent(x.node, p, out);
  if (!p.is_heard)
    look_at_all_awaited(x.node, p, out);
}

/// Where it is another one than before, nothing that the former one said holds, and it has to be told everything.
void node_heartbeats::know_process(node_id id, peer_state& p, uint64_t process, outputs& out) {
  if (p.process == process)
    return;
  const auto former = std::exchange(p.process, process);
  if (former == 0)
    return;
  p.former.push_back(former);
  if (p.former.size() > peer_state::most_former)
    p.former.pop_front();
  p.received = 0;
  p.has_more = false;
  p.claims = 0;
  p.news.clear();
  for (auto i = p.ties.begin(); i != p.ties.end();) {
    auto& [group, t] = *i;
    t.theirs.reset();
    if (t.here == tie::role::follows_peer)
      out.push_back(output::leader_silent{group});
    if (t.here == tie::role::leads_here) {
      const auto& g = groups_.at(group);
      p.news.put({group, g.epoch, g.commit, true});
      out.push_back(output::peer_restarted{group, id});
    }
    i = t.is_nothing() ? p.ties.erase(i) : std::next(i);
  }
}

// -- what a message says ---------------------------------------------------------------------------------------------

void node_heartbeats::take(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out) {
  if (e.epoch < 0 || e.commit < 0)
    return;
  if (e.leads)
    take_claim(id, p, e, out);
  else
    take_back(id, p, e, out);
}

void node_heartbeats::take_claim(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out) {
  const tie::claim claim{e.epoch, e.commit};
  auto* t = p.find(e.group);
  if (t && t->theirs == claim)
    return; // repeated
  const bool is_first = !t || !t->theirs;
  if (!is_first || p.claims < options_.most_claims) {
    p.claims += is_first;
    p.ties[e.group].theirs = claim;
  }
  // Of a peer that is not heard it is told when it is.
  if (p.is_heard && groups_.contains(e.group))
    out.push_back(output::heard_of{e.group, id, e.epoch, e.commit, true});
}

void node_heartbeats::take_back(node_id id, peer_state& p, const peer::heartbeat_entry& e, outputs& out) {
  auto* t = p.find(e.group);
  if (!t)
    return;
  const bool was_claimed = t->theirs.has_value();
  const bool is_believed = t->here == tie::role::follows_peer && t->followed_epoch <= e.epoch;
  if (was_claimed) {
    t->theirs.reset();
    --p.claims;
  }
  if ((was_claimed || is_believed) && groups_.contains(e.group))
    out.push_back(output::heard_of{e.group, id, e.epoch, e.commit, false});
  p.tidy(e.group);
}

// -- silence ---------------------------------------------------------------------------------------------------------

void node_heartbeats::heard(node_id id, peer_state& p, outputs& out) {
  p.is_heard = true;
  for (auto i = p.ties.begin(); i != p.ties.end();) {
    auto& [group, t] = *i;
    if (std::exchange(t.told_silent, false))
      out.push_back(output::peer_heard{group, id});
    // Its replica has given up the belief in this leader, or was never told of it; also one that leads may be deposed.
    if (t.theirs && groups_.contains(group))
      out.push_back(output::heard_of{group, id, t.theirs->epoch, t.theirs->commit, true});
    i = t.is_nothing() ? p.ties.erase(i) : std::next(i);
  }
}

void node_heartbeats::silent(node_id id, peer_state& p, outputs& out) {
  p.is_heard = false;
  for (auto& [group, t] : p.ties) {
    if (t.here == tie::role::follows_peer)
      out.push_back(output::leader_silent{group});
    if (t.here == tie::role::leads_here && !std::exchange(t.told_silent, true))
      out.push_back(output::peer_silent{group, id});
  }
}

void node_heartbeats::await(peer_state& p, const group_id& group, tie& t) {
  if (!std::exchange(t.is_awaited, true))
    p.awaited.push_back({awake_ + options_.silence_ms, group});
}

void node_heartbeats::look_at_awaited(node_id id, peer_state& p, outputs& out) {
  while (!p.awaited.empty() && p.awaited.front().deadline <= awake_) {
    const auto group = p.awaited.front().group;
    p.awaited.pop_front();
    auto& t = p.ties.at(group);
    t.is_awaited = false;
    if (t.here == tie::role::leads_here && !p.is_heard && !std::exchange(t.told_silent, true))
      out.push_back(output::peer_silent{group, id});
    if (t.here == tie::role::follows_peer && (!p.is_heard || !t.is_confirmed())) {
      if (p.is_heard && p.has_more)
        await(p, group, t); // it may be among what did not fit so far
      else
        out.push_back(output::leader_silent{group});
    }
    p.tidy(group);
  }
}

/// There is nothing to wait for.
void node_heartbeats::look_at_all_awaited(node_id id, peer_state& p, outputs& out) {
  for (auto& a : p.awaited)
    a.deadline = std::min(a.deadline, awake_);
  look_at_awaited(id, p, out);
}

// -- what is sent ----------------------------------------------------------------------------------------------------

void node_heartbeats::send(node_id id, peer_state& p, outputs& out) {
  if (!p.is_up || (p.shared == 0 && p.news.size() == 0 && !p.owes_answer))
    return;
  p.owes_answer = false;
  peer::heartbeat m{process_, p.process, ++p.sent, p.received, false, {}};
  m.entries = p.news.carry(m.sequence, options_.most_entries);
  m.more = p.news.size() > m.entries.size();
  out.push_back(output::send{id, std::move(m)});
}

} // namespace chisme::heartbeats
