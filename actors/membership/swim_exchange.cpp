// The comparison of everything with one other node: how a node joins, and how what gossip has missed is found.
#include "actors/membership/swim.hpp"

#include <algorithm>
#include <bit>

namespace chisme::membership {

using peer::exchange_stage;

namespace {

std::vector<int16_t> different(const std::vector<uint64_t>& mine, const std::vector<uint64_t>& theirs) {
  std::vector<int16_t> buckets;
  if (mine.size() == theirs.size())
    for (size_t i = 0; i < mine.size(); ++i)
      if (mine[i] != theirs[i])
        buckets.push_back(static_cast<int16_t>(i));
  return buckets;
}

bool is_bucket(int16_t number, size_t count) { return number >= 0 && static_cast<size_t>(number) < count; }

} // namespace

void swim::compare_now_and_then(context c) {
  if (c.now < next_exchange_)
    return;
  // Twice the members, a step more: news have further to go, and a difference is more likely to be on its way.
  const auto steps = std::max<int64_t>(1, std::bit_width(list_.present()) - 4);
  const auto interval = options_.exchange_interval_ms * steps;
  next_exchange_ = c.now + interval - static_cast<int64_t>(random_.bits() % static_cast<uint64_t>(interval / 4 + 1));
  for (const auto* other : some_others(1, -1))
    compare(other->who.id, other->who.peer, other->who.process, c);
}

void swim::compare(node_id node, const peer::address& to, uint64_t process, context c) {
  peer::gossip_exchange m;
  m.members_sum = list_.sum();
  m.claims_sum = claims_.sum();
  fill(m.entries, node, process);
  send(node, to, std::move(m), c);
}

/// While this node is alone, or its id is another process's.
void swim::look_for_members(context c) {
  if ((joined_ && !order_.ids().empty()) || c.now < next_join_)
    return;
  next_join_ = c.now + options_.join_interval_ms;
  for (const auto& seed : options_.seeds)
    compare(-1, seed, 0, c);
  if (joined_)
    return;
  for (const auto* other : some_others(1, -1))
    compare(other->who.id, other->who.peer, other->who.process, c);
  if (const auto* first = list_.find(self_.id))
    ping(first->who, ++sequence_, c);
}

bool swim::is_peer_of_member(const peer::address& a) const {
  return std::ranges::any_of(list_.entries(),
                             [&](const auto& e) { return !is_gone(e.second.state) && e.second.who.peer == a; });
}

/// A dead member may be one on the other side of a partition that has healed.
void swim::reconnect(context c) {
  if (c.now < next_reconnect_)
    return;
  next_reconnect_ = c.now + options_.reconnect_interval_ms;
  std::vector<std::pair<node_id, peer::address>> lost;
  for (const auto& [id, entry] : list_.entries())
    if (entry.state == peer::member_state::dead)
      lost.emplace_back(id, entry.who.peer);
  for (const auto& seed : options_.seeds)
    if (!is_peer_of_member(seed))
      lost.emplace_back(-1, seed);
  if (lost.empty())
    return;
  const auto& [id, to] = lost[random_.bits() % lost.size()];
  const auto* entry = list_.find(id);
  compare(id, to, entry ? entry->who.process : 0, c);
}

void swim::answer(const peer::gossip_exchange& m, context c) {
  switch (m.stage) {
    case exchange_stage::compare:
      answer_comparison(m, c);
      break;
    case exchange_stage::differ:
      give_and_ask(m, c);
      break;
    case exchange_stage::give_and_ask:
      join(m.from, c);
      give(m, c);
      break;
    case exchange_stage::same:
    case exchange_stage::give:
      join(m.from, c);
      break;
    default:
      ++refused_;
  }
}

void swim::answer_comparison(const peer::gossip_exchange& m, context c) {
  peer::gossip_exchange out;
  const bool members_differ = m.members_sum != list_.sum();
  const bool claims_differ = m.claims_sum != claims_.sum();
  out.stage = members_differ || claims_differ ? exchange_stage::differ : exchange_stage::same;
  if (members_differ)
    out.member_hashes = list_.hashes();
  if (claims_differ)
    out.claim_hashes = claims_.hashes();
  fill(out.entries, m.from.node, m.from.process);
  send(m.from.node, m.from.peer, std::move(out), c);
}

void swim::give_and_ask(const peer::gossip_exchange& m, context c) {
  peer::gossip_exchange out;
  out.stage = exchange_stage::give_and_ask;
  out.wanted_members = different(list_.hashes(), m.member_hashes);
  out.wanted_claims = different(claims_.hashes(), m.claim_hashes);
  // From another place each time, so that no bucket is left out always where not all fit.
  for (auto* wanted : {&out.wanted_members, &out.wanted_claims})
    if (!wanted->empty())
      std::rotate(wanted->begin(), wanted->begin() + static_cast<ptrdiff_t>(random_.bits() % wanted->size()),
                  wanted->end());
  add_entries(out, out.wanted_members, out.wanted_claims);
  send(m.from.node, m.from.peer, std::move(out), c);
}

void swim::give(const peer::gossip_exchange& m, context c) {
  peer::gossip_exchange out;
  out.stage = exchange_stage::give;
  add_entries(out, m.wanted_members, m.wanted_claims);
  send(m.from.node, m.from.peer, std::move(out), c);
}

void swim::add_entries(peer::gossip_exchange& to, const std::vector<int16_t>& members,
                       const std::vector<int16_t>& claims) {
  byte_budget budget{options_.exchange_bytes};
  std::array<bool, member_list::buckets> wanted{};
  for (const auto number : members)
    if (is_bucket(number, wanted.size()))
      wanted[static_cast<size_t>(number)] = true;
  std::vector<const member_entry*> chosen;
  for (const auto& [id, entry] : list_.entries())
    if (!is_gone(entry.state) && wanted[member_list::bucket_of(id)])
      chosen.push_back(&entry);
  if (!chosen.empty())
    std::rotate(chosen.begin(), chosen.begin() + static_cast<ptrdiff_t>(random_.bits() % chosen.size()), chosen.end());
  for (const auto* entry : chosen)
    if (peer::member_update u{entry->who, entry->state, -1}; budget.take(bytes_of(u)))
      to.entries.members.push_back(std::move(u));
  std::array<bool, leader_claims::buckets> added{};
  for (const auto number : claims)
    if (is_bucket(number, added.size()) && !std::exchange(added[static_cast<size_t>(number)], true))
      claims_.each_of(static_cast<size_t>(number), [&](const peer::leader_claim& claim) {
        if (budget.take(bytes_of(claim)))
          to.entries.claims.push_back(claim);
      });
}

/// Somebody has told what there is to know of this node's id.
void swim::join(const peer::speaker& through, context c) {
  if (joined_ || leaving_ || list_.find(self_.id))
    return;
  stand(1, c);
  peer::swim_ping hello;
  hello.sequence = ++sequence_;
  fill(hello.news, through.node, through.process);
  send(through.node, through.peer, std::move(hello), c);
}

} // namespace chisme::membership
