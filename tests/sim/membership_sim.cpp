#include "tests/sim/membership_sim.hpp"

#include "tests/sim/weighted_steps.hpp"

#include <algorithm>
#include <bit>

namespace chisme::test {

using peer::member_state;

namespace {

constexpr int most_nodes = 7;
constexpr int topics = 3;
constexpr int partitions = 4;
constexpr int64_t longest_pause_ms = 5'000;

std::string named(node_id id) { return "n" + std::to_string(id); }

} // namespace

membership_sim::membership_sim(uint64_t seed) : nodes_(3), world_(seed, {}) {
  nodes_ += static_cast<int>(world_.roll(most_nodes - 2));
  for (int i = 0; i < topics; ++i) {
    uuid topic;
    topic.bytes[0] = static_cast<uint8_t>(i + 1);
    topics_.push_back(topic);
  }
  world_.check = [this](process& p) { return check(p); };
  change_network();
}

std::string membership_sim::run(int steps) {
  static constexpr weighted_step<membership_sim> choices[] = {
    {8, "start", &membership_sim::start_node},     {4, "crash", &membership_sim::crash_node},
    {6, "restart", &membership_sim::restart_node}, {4, "pause", &membership_sim::pause_node},
    {1, "leave", &membership_sim::leave_node},     {4, "block", &membership_sim::block_one_way},
    {3, "split", &membership_sim::split_in_two},   {6, "heal", &membership_sim::heal},
    {3, "links", &membership_sim::close_links},    {4, "network", &membership_sim::change_network},
    {20, "claim", &membership_sim::claim},         {2, "rack", &membership_sim::change_rack},
    {1, "delete", &membership_sim::delete_topic},
  };
  for (int i = 0; i < steps && world_.failure().empty(); ++i) {
    (this->*step_at(choices, static_cast<int64_t>(world_.roll(static_cast<uint64_t>(total_weight(choices))))).act)();
    world_.run_for(static_cast<int64_t>(world_.roll(600)));
  }
  if (!world_.failure().empty())
    return world_.failure();
  for (const auto& what :
       {&membership_sim::calm_down, &membership_sim::check_news_spread, &membership_sim::check_deaths_are_noticed})
    if (auto wrong = (this->*what)(); !wrong.empty())
      return wrong;
  return world_.failure();
}

// -- what happens ----------------------------------------------------------------------------------------------------

std::vector<node_id> membership_sim::running() const {
  std::vector<node_id> ids;
  for (auto& [at, p] : const_cast<gossip_world&>(world_).processes())
    ids.push_back(p->machine.self().id);
  return ids;
}

std::optional<node_id> membership_sim::some_running() {
  const auto ids = running();
  if (ids.empty())
    return std::nullopt;
  return ids[world_.roll(ids.size())];
}

void membership_sim::start_node() {
  const auto id = static_cast<node_id>(1 + world_.roll(static_cast<uint64_t>(nodes_)));
  if (world_.find(gossip_world::address_of(id)))
    return;
  leaving_.erase(id);
  // Two seeds that all have in common, as an operator writes them.
  auto& p = world_.start(id, {1, 2});
  for (const auto& topic : deleted_)
    world_.feed(p.at, membership::input::forget_topic{topic});
  told_deleted_[p.machine.self().process] = deleted_;
  ++happenings_;
}

void membership_sim::crash_node() {
  if (const auto id = some_running())
    world_.crash(gossip_world::address_of(*id), world_.roll(2) == 0);
}

void membership_sim::restart_node() {
  const auto id = some_running();
  if (!id)
    return;
  world_.crash(gossip_world::address_of(*id), world_.roll(2) == 0);
  world_.run_for(static_cast<int64_t>(world_.roll(3) * world_.roll(300)));
  leaving_.erase(*id);
  auto& p = world_.start(*id, {1, 2});
  for (const auto& topic : deleted_)
    world_.feed(p.at, membership::input::forget_topic{topic});
  told_deleted_[p.machine.self().process] = deleted_;
}

void membership_sim::pause_node() {
  if (const auto id = some_running())
    world_.pause(gossip_world::address_of(*id), static_cast<int64_t>(world_.roll(longest_pause_ms)));
}

void membership_sim::leave_node() {
  const auto id = some_running();
  if (!id || running().size() < 3)
    return;
  leaving_.insert(*id);
  world_.feed(gossip_world::address_of(*id), membership::input::leave{});
}

void membership_sim::block_one_way() {
  const auto one = some_running(), other = some_running();
  if (one && other && *one != *other)
    world_.block(gossip_world::address_of(*one), gossip_world::address_of(*other));
}

void membership_sim::split_in_two() {
  const auto side = world_.roll(uint64_t{1} << nodes_);
  for (node_id a = 1; a <= nodes_; ++a)
    for (node_id b = 1; b <= nodes_; ++b)
      if ((side >> a & 1) != (side >> b & 1))
        world_.block(gossip_world::address_of(a), gossip_world::address_of(b));
}

void membership_sim::heal() { world_.unblock_all(); }

void membership_sim::close_links() {
  const auto one = some_running(), other = some_running();
  if (one && other && *one != *other)
    world_.close_links(gossip_world::address_of(*one), gossip_world::address_of(*other));
}

void membership_sim::change_network() {
  world_.faults.loss_percent = static_cast<int>(world_.roll(2) * world_.roll(31));
  world_.faults.repeat_percent = static_cast<int>(world_.roll(2) * world_.roll(20));
  world_.faults.most_delay_ms = world_.roll(3) == 0 ? 300 : 1 + static_cast<int64_t>(world_.roll(20));
}

/// As an election would: a higher epoch than any before.
void membership_sim::claim() {
  const auto id = some_running();
  if (!id || leaving_.contains(*id))
    return;
  const claim_key key{topics_[world_.roll(topics_.size())], static_cast<partition_index>(world_.roll(partitions))};
  if (deleted_.contains(key.first))
    return;
  auto& newest = claims_[key];
  newest = {key.first, key.second, newest.epoch + 1, *id};
  world_.feed(gossip_world::address_of(*id), membership::input::partitions_led{{newest}});
  ++happenings_;
}

void membership_sim::change_rack() {
  const auto id = some_running();
  if (!id)
    return;
  const auto& self = world_.at(*id).machine.self();
  world_.feed(gossip_world::address_of(*id),
              membership::input::addresses_changed{self.peer, self.clients, "r" + std::to_string(world_.roll(9))});
}

/// Nodes hear of it from the metadata log, not all at the same time.
void membership_sim::delete_topic() {
  if (deleted_.size() + 1 >= topics_.size())
    return;
  const auto topic = topics_[deleted_.size()];
  deleted_.insert(topic);
  for (auto& [at, p] : world_.processes()) {
    world_.feed(at, membership::input::forget_topic{topic});
    told_deleted_[p->machine.self().process].insert(topic);
    world_.run_for(static_cast<int64_t>(world_.roll(20)));
  }
  std::erase_if(claims_, [&](const auto& c) { return c.first.first == topic; });
}

// -- what holds all the time -----------------------------------------------------------------------------------------

std::string membership_sim::check(process& p) {
  const auto& self = p.machine.self();
  auto& highest = incarnations_[self.process];
  if (self.incarnation < highest)
    return named(self.id) + " went back to incarnation " + std::to_string(self.incarnation);
  highest = self.incarnation;
  if (auto wrong = check_members(p); !wrong.empty())
    return wrong;
  if (auto wrong = check_self(p); !wrong.empty())
    return wrong;
  if (!p.conflicts.empty())
    return named(self.id) + " tells of two processes where there is one at a time";
  return check_claims(p);
}

std::string membership_sim::check_members(const process& p) {
  const auto viewer = p.machine.self().process;
  for (const auto& [id, entry] : p.machine.members()) {
    const rank now{entry.who.incarnation, entry.who.process, entry.state};
    auto& before = seen_[{viewer, id}];
    if (now < before)
      return named(p.machine.self().id) + " goes back to an older record of " + named(id) + ", incarnation " +
             std::to_string(entry.who.incarnation);
    before = now;
    if (const auto said = incarnations_.find(entry.who.process);
        said == incarnations_.end() || entry.who.incarnation > said->second)
      return named(p.machine.self().id) + " knows an incarnation of " + named(id) + " that it never had";
  }
  return {};
}

std::string membership_sim::check_self(const process& p) const {
  const auto& self = p.machine.self();
  const auto own = p.machine.members().find(self.id);
  if (!p.machine.has_joined())
    return {};
  if (own == p.machine.members().end())
    return named(self.id) + " does not know itself";
  if (own->second.who != self)
    return named(self.id) + " believes another record of itself than its own";
  const bool is_going = leaving_.contains(self.id);
  if (own->second.state != member_state::alive && !(is_going && own->second.state == member_state::left))
    return named(self.id) + " believes that it is suspect or dead";
  return {};
}

std::string membership_sim::check_claims(const process& p) {
  const auto viewer = p.machine.self().process;
  for (const auto& topic : topics_)
    for (partition_index i = 0; i < partitions; ++i) {
      const auto* claim = p.machine.leader_of(topic, i);
      if (!claim)
        continue;
      auto& before = epochs_[{viewer, {topic, i}}];
      if (claim->epoch < before)
        return named(p.machine.self().id) + " goes back to epoch " + std::to_string(claim->epoch);
      before = claim->epoch;
      if (const auto newest = claims_.find({topic, i}); newest != claims_.end() && claim->epoch > newest->second.epoch)
        return named(p.machine.self().id) + " knows an epoch that nobody claimed";
    }
  return {};
}

// -- what holds at the end -------------------------------------------------------------------------------------------

/// Within 300 rounds of 200 ms: a pause lasts up to 5 s, probes are up to nine times slower where the health is
/// bad, and with each of up to 7 nodes there are an exchange and an attempt to reconnect every 2 s.
std::string membership_sim::calm_down() {
  world_.unblock_all();
  world_.faults = {};
  // Who left is gone; all others are there.
  for (const auto id : leaving_)
    world_.crash(gossip_world::address_of(id), true);
  for (node_id id = 1; id <= 2; ++id)
    if (!world_.find(gossip_world::address_of(id))) {
      leaving_.erase(id);
      auto& p = world_.start(id, {1, 2});
      for (const auto& topic : deleted_)
        world_.feed(p.at, membership::input::forget_topic{topic});
    }
  // A claim whose leader crashed before it told anybody is made again by the next one.
  for (auto& [key, newest] : claims_) {
    newest.epoch += 1;
    newest.leader = *some_running();
    world_.feed(gossip_world::address_of(newest.leader), membership::input::partitions_led{{newest}});
  }
  if (!world_.comes_true(60'000, [&] { return what_differs().empty(); }))
    return world_.failure().empty() ? "no agreement after 300 rounds: " + what_differs() : world_.failure();
  return {};
}

std::string membership_sim::what_differs() const {
  for (auto& [at, p] : const_cast<gossip_world&>(world_).processes())
    if (auto text = what_differs(*p); !text.empty())
      return named(p->machine.self().id) + " " + text;
  return {};
}

std::string membership_sim::what_differs(const process& p) const {
  const auto& members = p.machine.members();
  const auto ids = running();
  for (const auto id : ids) {
    const auto& truth = const_cast<gossip_world&>(world_).at(id).machine.self();
    const auto i = members.find(id);
    if (i == members.end() || i->second.state != member_state::alive || i->second.who != truth)
      return "does not know " + named(id) + " as it is";
  }
  for (const auto& [id, entry] : members)
    if (!membership::is_gone(entry.state) && !std::ranges::count(ids, id))
      return "thinks that " + named(id) + " is there";
  for (const auto& [key, newest] : claims_)
    if (const auto* known = p.machine.leader_of(key.first, key.second); !known || *known != newest)
      return "does not know who leads partition " + std::to_string(key.second);
  for (const auto& topic : deleted_)
    for (partition_index i = 0; i < partitions; ++i)
      if (p.machine.leader_of(topic, i))
        return "knows a leader in a deleted topic";
  return {};
}

/// A claim spreads by piggyback, with the probes, in O(log n) rounds: it does not wait for a comparison.
std::string membership_sim::check_news_spread() {
  if (running().size() < 3)
    return {};
  world_.run_for(longest_pause_ms);
  const auto topic = topics_.back();
  for (int i = 0; i < 5; ++i) {
    auto& newest = claims_[{topic, 0}];
    newest = {topic, 0, newest.epoch + 1, *some_running()};
    world_.feed(gossip_world::address_of(newest.leader), membership::input::partitions_led{{newest}});
    const auto rounds = 4 * static_cast<int64_t>(std::bit_width(running().size()));
    if (!world_.comes_true(rounds * 200, [&] { return what_differs().empty(); }))
      return world_.failure().empty() ? "a claim did not spread in time: " + what_differs() : world_.failure();
  }
  return {};
}

/// And no death of one is taken for a death of others.
std::string membership_sim::check_deaths_are_noticed() {
  const auto ids = running();
  if (ids.size() < 3)
    return {};
  const auto gone = ids.back();
  for (auto& [at, p] : world_.processes())
    p->events.clear();
  world_.crash(gossip_world::address_of(gone), world_.roll(2) == 0);
  if (!world_.comes_true(10'000, [&] { return what_differs().empty(); }))
    return "a death was not noticed in 50 rounds: " + what_differs();
  for (auto& [at, p] : world_.processes())
    for (const auto& e : p->events)
      if (e.what == membership::output::member_event::dead && e.who.id != gone)
        return named(p->machine.self().id) + " thinks that " + named(e.who.id) + " died";
  return {};
}

} // namespace chisme::test
