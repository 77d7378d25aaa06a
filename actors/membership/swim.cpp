#include "actors/membership/swim.hpp"

#include <algorithm>
#include <stdexcept>

namespace chisme::membership {

namespace {

/// A node that goes tells so many at once, so often.
constexpr size_t told_of_farewell = 8;
constexpr int most_farewells = 3;

const auto news_of = [](const auto& m) -> const peer::gossip& {
  if constexpr (requires { m.entries; })
    return m.entries;
  else
    return m.news;
};

} // namespace

swim::swim(peer::member self, swim_options options, random_source random)
  : self_(std::move(self)), options_(std::move(options)), random_(std::move(random)), list_(options_.most_members),
    claims_(options_.most_claims), news_(options_.lambda), health_(options_.worst_health), sequence_(random_.bits()) {
  self_.incarnation = 1;
  if (!is_valid(self_))
    throw std::invalid_argument("this node's own record breaks the bounds of a member");
  std::erase(options_.seeds, self_.peer);
  self_.incarnation = 0;
}

void swim::step(timestamp_ms now, const swim_input& in, swim_outputs& out) {
  now_ = std::max(now_, now);
  const context c{now_, out};
  if (!joined_ && self_.incarnation == 0 && options_.seeds.empty())
    stand(1, c);
  std::visit([&](const auto& x) { on(x, c); }, in);
}

void swim::on(const input::tick&, context c) {
  heed_pause(c);
  greeted_.clear();
  end_relays(c);
  if (joined_ && !leaving_) {
    go_on_with_probes(c);
    bury_the_silent(c);
    probe_next(c);
    spread_news(c);
    compare_now_and_then(c);
    reconnect(c);
  }
  if (leaving_)
    say_farewell(c);
  else
    look_for_members(c);
  forget_gone(c);
}

/// Nobody could refute or answer while this node was not run. (Not Lifeguard's: it waits for failed probes to tell.)
void swim::heed_pause(context c) {
  const auto gap = last_tick_ == 0 ? 0 : c.now - last_tick_;
  last_tick_ = c.now;
  if (gap <= options_.probe_interval_ms)
    return;
  health_.worse();
  for (auto& [id, entry] : list_.entries())
    if (entry.doubt)
      entry.doubt->put_off(gap);
  for (auto& [sequence, p] : probes_) {
    p.help_at += gap;
    p.end_at += gap;
  }
}

void swim::on(const input::message_arrived& x, context c) {
  std::visit(
    [&](const auto& m) {
      const auto& from = m.from;
      const bool is_own = from.node == self_.id && from.process == self_.process;
      if (from.node != x.from || from.node < 0 || from.peer.host.empty() || from.peer.port == 0 ||
          from.peer.host.size() > peer::max_name_bytes || is_own) {
        ++refused_;
        return;
      }
      using message = std::decay_t<decltype(m)>;
      hear(news_of(m), std::is_same_v<message, peer::gossip_exchange> ? heard_by::exchange : heard_by::news, c);
      hear_speaker(from, c);
      answer(m, c);
    },
    x.message);
}

void swim::on(const input::link_up& x, context c) {
  const auto* entry = list_.find(x.node);
  if (entry && entry->state == peer::member_state::suspect && x.node != self_.id)
    ping(entry->who, ++sequence_, c);
}

void swim::on(const input::link_down& x, context c) {
  const auto* entry = list_.find(x.node);
  if (joined_ && !leaving_ && entry && !is_gone(entry->state) && x.node != self_.id)
    suspect(*entry, c);
}

void swim::on(const input::leave&, context c) {
  if (leaving_)
    return;
  leaving_ = true;
  probes_.clear();
  if (!joined_)
    return;
  stand(self_.incarnation + 1, c);
  farewells_ = most_farewells;
  next_farewell_ = c.now;
  say_farewell(c);
}

void swim::say_farewell(context c) {
  if (farewells_ == 0 || c.now < next_farewell_)
    return;
  --farewells_;
  next_farewell_ = c.now + options_.probe_timeout_ms;
  news_.put(peer::member_update{self_, peer::member_state::left, -1});
  for (const auto* other : some_others(told_of_farewell, -1))
    ping(other->who, ++sequence_, c);
}

void swim::on(const input::addresses_changed& x, context c) {
  auto changed = self_;
  changed.peer = x.peer;
  changed.clients = x.clients;
  changed.rack = x.rack;
  changed.incarnation = std::max<int64_t>(self_.incarnation, 1);
  if (!is_valid(changed))
    throw std::invalid_argument("this node's own record breaks the bounds of a member");
  changed.incarnation = self_.incarnation;
  if (changed == self_)
    return;
  self_ = std::move(changed);
  if (joined_)
    stand(self_.incarnation + 1, c);
}

void swim::on(const input::partitions_led& x, context c) {
  for (auto claim : x.claims) {
    claim.leader = self_.id;
    hear(claim, c);
  }
  has_own_news_ = true;
}

void swim::on(const input::forget_topic& x, context) {
  for (const auto partition : claims_.forget(x.topic))
    news_.forget({x.topic, partition});
}

void swim::forget_gone(context c) {
  auto& entries = list_.entries();
  for (auto i = entries.begin(); i != entries.end();) {
    const auto& [id, entry] = *i++;
    if (!is_gone(entry.state) || c.now - entry.since < options_.remember_gone_ms)
      continue;
    const auto forgotten = id;
    news_.forget(forgotten);
    rivals_.erase(forgotten);
    list_.erase(forgotten);
  }
}

peer::speaker swim::speaker() const { return {self_.id, self_.process, joined_ ? self_.incarnation : 0, self_.peer}; }

void swim::fill(peer::gossip& news, node_id to, uint64_t process) {
  byte_budget budget{options_.news_bytes};
  news_.take(list_.present(), budget, news);
  // Lifeguard's buddy system (section IV.C), which here also tells a new process of the one that it replaces.
  const auto* entry = list_.find(to);
  const bool is_told = std::ranges::any_of(news.members, [&](const auto& u) { return u.who.id == to; });
  if (entry && !is_told && (entry->state != peer::member_state::alive || entry->who.process != process))
    news.members.push_back({entry->who, entry->state, -1});
}

void swim::send(node_id node, const peer::address& to, peer::membership_message message, context c) {
  std::visit([&](auto& m) { m.from = speaker(); }, message);
  c.out.push_back(output::send{node, to, std::move(message)});
}

/// Present members, chosen at random.
std::vector<const member_entry*> swim::some_others(size_t count, node_id but) {
  auto ids = order_.ids();
  std::vector<const member_entry*> some;
  while (some.size() < count && !ids.empty()) {
    std::swap(ids[random_.bits() % ids.size()], ids.back());
    if (ids.back() != but)
      some.push_back(list_.find(ids.back()));
    ids.pop_back();
  }
  return some;
}

} // namespace chisme::membership
