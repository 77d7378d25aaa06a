// Who is asked whether it is there, directly and through others.
#include "actors/membership/swim.hpp"

#include <algorithm>

namespace chisme::membership {

namespace {

/// So many of those who are suspected are asked in each interval, beside the probe: a refutation may have been lost.
constexpr size_t suspects_asked = 3;
constexpr size_t told_at_once = 3;
constexpr int32_t most_patience_ms = 10'000;

} // namespace

void swim::probe_next(context c) {
  if (c.now < next_probe_)
    return;
  next_probe_ = c.now + options_.probe_interval_ms * health_.multiplier();
  std::vector<const member_entry*> suspects;
  for (const auto& [id, entry] : list_.entries())
    if (entry.state == peer::member_state::suspect && id != self_.id)
      suspects.push_back(&entry);
  for (size_t i = 0; i < suspects_asked && i < suspects.size(); ++i) {
    std::swap(suspects[i], suspects[i + random_.bits() % (suspects.size() - i)]);
    ping(suspects[i]->who, ++sequence_, c);
  }
  if (const auto target = order_.next(random_)) {
    begin_probe(*target, c);
    next_news_ = c.now + options_.probe_interval_ms;
  }
}

/// What this node says itself goes to some at once, so that a new leader is known within a tick. All else rides on the
/// probes; where these are slow, because of this node's health, something else carries it.
void swim::spread_news(context c) {
  if (news_.empty() || (!has_own_news_ && c.now < next_news_))
    return;
  for (const auto* other : some_others(has_own_news_ ? told_at_once : 1, -1))
    ping(other->who, ++sequence_, c);
  has_own_news_ = false;
  next_news_ = c.now + options_.probe_interval_ms;
}

void swim::begin_probe(node_id target, context c) {
  const auto* entry = list_.find(target);
  if (!joined_ || leaving_ || !entry || is_gone(entry->state) ||
      std::ranges::any_of(probes_, [&](const auto& p) { return p.second.target == target; }))
    return;
  const auto slowness = health_.multiplier();
  probe p{target, entry->who.process, entry->who.incarnation};
  p.help_at = c.now + options_.probe_timeout_ms * slowness;
  p.end_at = c.now + options_.probe_interval_ms * slowness;
  probes_.emplace(++sequence_, p);
  ping(entry->who, sequence_, c);
}

void swim::go_on_with_probes(context c) {
  std::vector<probe> ended;
  for (auto i = probes_.begin(); i != probes_.end();) {
    auto& [sequence, p] = *i;
    if (!p.others_asked && c.now >= p.help_at)
      ask_others(sequence, p, c);
    if (c.now < p.end_at) {
      ++i;
      continue;
    }
    ended.push_back(p);
    i = probes_.erase(i);
  }
  for (const auto& p : ended)
    failed(p, c);
}

/// And it is asked directly once more.
void swim::ask_others(uint64_t sequence, probe& p, context c) {
  p.others_asked = true;
  const auto* target = list_.find(p.target);
  if (!target || is_gone(target->state))
    return;
  for (const auto* helper : some_others(static_cast<size_t>(options_.helpers), p.target)) {
    peer::swim_ping_request m;
    m.sequence = sequence;
    m.target = p.target;
    m.target_peer = target->who.peer;
    m.patience_ms = static_cast<int32_t>(std::max<int64_t>(p.end_at - c.now, 0) / 2);
    fill(m.news, helper->who.id, helper->who.process);
    send(helper->who.id, helper->who.peer, std::move(m), c);
    ++p.helpers;
  }
  ping(target->who, sequence, c);
}

/// Helpers that were silent speak against this node's own connection (Lifeguard, section IV.A).
void swim::failed(const probe& p, context c) {
  health_.worse(p.helpers > 0 ? std::max(p.helpers - p.not_heard, 0) : 1);
  const auto* entry = list_.find(p.target);
  if (!entry || is_gone(entry->state) || entry->who.process != p.process)
    return;
  const bool has_refuted = entry->who.incarnation > p.incarnation && entry->state == peer::member_state::alive;
  if (!has_refuted)
    suspect(*entry, c);
}

void swim::ping(const peer::member& who, uint64_t sequence, context c) {
  peer::swim_ping m;
  m.sequence = sequence;
  fill(m.news, who.id, who.process);
  send(who.id, who.peer, std::move(m), c);
}

void swim::answer(const peer::swim_ping& m, context c) {
  peer::swim_ack ack;
  ack.sequence = m.sequence;
  ack.node = self_.id;
  ack.process = self_.process;
  fill(ack.news, m.from.node, m.from.process);
  send(m.from.node, m.from.peer, std::move(ack), c);
}

void swim::answer(const peer::swim_ping_request& m, context c) {
  if (relays_.size() >= options_.most_relays || m.target < 0 || m.target == self_.id)
    return;
  const auto* known = list_.find(m.target);
  peer::member target;
  target.id = m.target;
  target.peer = known ? known->who.peer : m.target_peer;
  target.process = known ? known->who.process : 0;
  if (target.peer.host.empty() || target.peer.host.size() > peer::max_name_bytes || target.peer.port == 0) {
    ++refused_;
    return;
  }
  const auto patience = std::clamp(m.patience_ms, 1, most_patience_ms);
  relays_.emplace(++sequence_, relay{m.from, m.sequence, c.now + patience, c.now + 2 * patience, false});
  ping(target, sequence_, c);
}

void swim::answer(const peer::swim_ack& m, context c) {
  if (const auto r = relays_.find(m.sequence); r != relays_.end()) {
    peer::swim_ack ack;
    ack.sequence = r->second.sequence;
    ack.node = m.from.node;
    ack.process = m.from.process;
    const auto to = r->second.asked_by;
    relays_.erase(r);
    fill(ack.news, to.node, to.process);
    return send(to.node, to.peer, std::move(ack), c);
  }
  const auto i = probes_.find(m.sequence);
  if (i == probes_.end())
    return;
  if (!m.heard) {
    ++i->second.not_heard;
    return;
  }
  const auto p = i->second;
  probes_.erase(i);
  answered(p, m, c);
}

void swim::answered(const probe& p, const peer::swim_ack& m, context c) {
  const auto* entry = list_.find(p.target);
  if (m.node != p.target || m.process != p.process) {
    // Another process is where this one was.
    if (entry && entry->who.process == p.process && !is_gone(entry->state))
      suspect(*entry, c);
    return;
  }
  health_.better();
  const auto other = rivals_.find(p.target);
  if (other == rivals_.end() || other->second.told || !entry || entry->who.process != p.process)
    return;
  other->second.told = true;
  c.out.push_back(output::conflict{p.target, entry->who.peer, other->second.peer});
}

void swim::end_relays(context c) {
  for (auto i = relays_.begin(); i != relays_.end();) {
    auto& r = i->second;
    if (!r.nacked && c.now >= r.nack_at) {
      r.nacked = true;
      peer::swim_ack ack;
      ack.sequence = r.sequence;
      ack.heard = false;
      fill(ack.news, r.asked_by.node, r.asked_by.process);
      send(r.asked_by.node, r.asked_by.peer, std::move(ack), c);
    }
    i = c.now >= r.end_at ? relays_.erase(i) : std::next(i);
  }
}

} // namespace chisme::membership
