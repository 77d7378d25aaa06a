// What becomes of news: of members, of this node itself, of processes that share a node id, of leaders.
#include "actors/membership/swim.hpp"

#include <algorithm>
#include <cmath>

namespace chisme::membership {

using output::member_event;
using peer::member_state;

namespace {

/// A suspected member is asked at once by about so many of those who hear of it.
constexpr uint64_t asked_by = 6;
/// A process at this node's own address is an earlier start of it. One that raises its record as often as that after
/// each replacement is alive all the same.
constexpr int most_replacements = 3;

} // namespace

void swim::hear(const peer::gossip& news, heard_by way, context c) {
  for (const auto& u : news.members)
    hear(u, way, c);
  for (const auto& claim : news.claims)
    hear(claim, c);
}

void swim::hear(const peer::leader_claim& claim, context c) {
  switch (claims_.take(claim)) {
    case leader_claims::outcome::taken:
      news_.put(claim);
      c.out.push_back(output::leader_changed{claim});
      break;
    case leader_claims::outcome::refused:
      ++refused_;
      break;
    case leader_claims::outcome::known:
    case leader_claims::outcome::older:
      break;
  }
}

void swim::hear(const peer::member_update& u, heard_by way, context c) {
  if (!is_valid(u)) {
    ++refused_;
    return;
  }
  if (u.who.id == self_.id)
    return hear_of_self(u, c);
  auto* entry = list_.find(u.who.id);
  switch (list_.judge(u)) {
    case member_list::outcome::known:
      if (entry->doubt && entry->doubt->confirm(u.suspected_by))
        news_.confirm(u);
      return;
    case member_list::outcome::older:
      // Somebody who compares everything with us has missed that this one is gone.
      if (way == heard_by::exchange && is_gone(entry->state))
        news_.put(peer::member_update{entry->who, entry->state, -1});
      return;
    default:
      break;
  }
  const auto before = entry ? std::optional{*entry} : std::nullopt;
  if (list_.take(c.now, u) == member_list::outcome::refused) {
    ++refused_;
    return;
  }
  entry = list_.find(u.who.id);
  news_.put(u);
  tell(before, *entry, c);
  if (u.state == member_state::suspect)
    doubt(*entry, u.suspected_by, c);
}

/// What the difference means to others.
void swim::tell(const std::optional<member_entry>& before, const member_entry& after, context c) {
  const auto say = [&](member_event what) { c.out.push_back(output::member_changed{what, after.who}); };
  const bool was_there = before && !is_gone(before->state);
  const bool is_same_start = before && before->who.process == after.who.process;
  if (is_gone(after.state)) {
    order_.remove(after.who.id);
    rivals_.erase(after.who.id);
    if (was_there)
      say(after.state == member_state::left ? member_event::left : member_event::dead);
    return;
  }
  if (!was_there) {
    order_.add(after.who.id, random_);
    say(is_same_start ? member_event::alive : member_event::joined);
  } else {
    auto comparable = before->who;
    comparable.incarnation = after.who.incarnation;
    if (comparable != after.who)
      say(member_event::changed);
    if (before->state == member_state::suspect && after.state == member_state::alive)
      say(member_event::alive);
  }
  if (!is_same_start)
    rivals_.erase(after.who.id);
  if (after.state == member_state::suspect && (!was_there || before->state == member_state::alive))
    say(member_event::suspect);
}

suspicion_bounds swim::bounds() const {
  const auto n = static_cast<double>(list_.present());
  const auto shortest = static_cast<double>(options_.probe_interval_ms) * options_.suspicion_intervals *
                        std::max(1.0, std::log10(std::max(n, 1.0)));
  const auto others = static_cast<int>(list_.present()) - 2;
  return {std::llround(shortest), std::llround(shortest * options_.suspicion_longest),
          std::clamp(others, 0, options_.confirmations)};
}

/// It is told at once, and some who hear of it look for themselves: they confirm it, or hear the refutation first.
void swim::doubt(member_entry& entry, node_id by, context c) {
  entry.doubt.emplace(c.now, by, bounds());
  if (!joined_ || leaving_)
    return;
  if (by == self_.id)
    ping(entry.who, ++sequence_, c);
  else if (random_.bits() % std::max<size_t>(list_.present(), 1) < asked_by)
    begin_probe(entry.who.id, c);
}

void swim::suspect(const member_entry& entry, context c) {
  hear(peer::member_update{entry.who, member_state::suspect, self_.id}, heard_by::news, c);
}

void swim::bury_the_silent(context c) {
  std::vector<peer::member_update> dead;
  for (const auto& [id, entry] : list_.entries())
    if (entry.doubt && c.now >= entry.doubt->deadline())
      dead.push_back({entry.who, member_state::dead, -1});
  for (const auto& u : dead)
    hear(u, heard_by::news, c);
}

// -- this node itself ------------------------------------------------------------------------------------------------

/// This is what others shall believe of this node from now on.
void swim::stand(int64_t incarnation, context c) {
  self_.incarnation = std::min(incarnation, peer::max_incarnation);
  const peer::member_update u{self_, leaving_ ? member_state::left : member_state::alive, -1};
  // Older than what is known only where somebody has forged the highest incarnation.
  const auto judged = list_.take(c.now, u);
  joined_ = judged == member_list::outcome::taken || judged == member_list::outcome::known;
  if (joined_)
    news_.put(u);
}

void swim::hear_of_self(const peer::member_update& u, context c) {
  if (!list_.overrules(u.who) && list_.judge(u) != member_list::outcome::taken)
    return;
  if (u.who.process == self_.process || is_gone(u.state) || may_replace(u)) {
    if (u.who.process == self_.process && u.state != member_state::alive)
      health_.worse();
    return stand(std::max(u.who.incarnation, self_.incarnation) + 1, c);
  }
  // It is alive elsewhere and was known first: this process waits until it is dead.
  if (joined_)
    news_.forget(self_.id);
  joined_ = false;
  list_.take(c.now, u);
  news_.put(u);
  ping(u.who, ++sequence_, c);
}

bool swim::may_replace(const peer::member_update& u) {
  if (u.who.peer != self_.peer)
    return false;
  if (!namesake_ || namesake_->process != u.who.process) {
    namesake_ = rival{u.who.process, u.who.peer, false};
    replaced_ = 0;
  }
  return ++replaced_ <= most_replacements;
}

// -- who shares an id ------------------------------------------------------------------------------------------------

void swim::hear_speaker(const peer::speaker& from, context c) {
  if (from.node == self_.id)
    return hear_namesake(from, c);
  const auto* entry = list_.find(from.node);
  const bool is_known = entry && (entry->who.process == from.process
                                    ? entry->who.incarnation >= from.incarnation
                                    : !list_.overrules({from.node, from.process, from.incarnation, {}, {}, {}, {}}));
  if (!is_known) {
    if (from.incarnation > 0 && greeted_.insert(from.node).second)
      compare(from.node, from.peer, from.process, c);
    return;
  }
  if (entry->who.process == from.process || is_gone(entry->state) || entry->who.peer == from.peer)
    return;
  auto& other = rivals_[from.node];
  if (other.process != from.process)
    other = {from.process, from.peer, false};
  if (!other.told)
    begin_probe(from.node, c);
}

/// Both are there, as both speak. Messages of an earlier start at this address may still come.
void swim::hear_namesake(const peer::speaker& from, context c) {
  if (from.peer == self_.peer && replaced_ <= most_replacements)
    return;
  if (namesake_ && namesake_->process == from.process && namesake_->told)
    return;
  if (!namesake_ || namesake_->process != from.process)
    replaced_ = 0;
  namesake_ = rival{from.process, from.peer, true};
  c.out.push_back(joined_ ? output::conflict{self_.id, self_.peer, from.peer}
                          : output::conflict{self_.id, from.peer, self_.peer});
}

} // namespace chisme::membership
