// Clients, a coordinator, faults and the judgement of raft_sim.
#include "tests/sim/raft_sim.hpp"

#include "tests/sim/seeds.hpp"

namespace chisme::test {

namespace {

constexpr int64_t storm_ms = 12'000;
constexpr int64_t calm_ms = 20'000;
/// By then what is said to be lost is lost, and the last message of the storm has arrived.
constexpr int64_t settle_ms = 3'000;

} // namespace

raft_sim::raft_sim(uint64_t seed) : random_(seed), seeds_(seed), is_told_(only_seed().has_value()) {
  const auto voters = chance(0.15) ? 1 : pick(3, 5);
  const auto size = std::max<int64_t>(voters, 3) + pick(0, 1);
  std::vector<node_id> ids;
  for (node_id i = 1; i <= voters; ++i)
    ids.push_back(i);
  initial_ = raft::configuration{ids};
  nodes_.resize(static_cast<size_t>(size));
  for (size_t i = 0; i < nodes_.size(); ++i)
    nodes_[i].id = static_cast<node_id>(i + 1);
}

std::string raft_sim::run() {
  loss_ = chance(0.3) ? 0 : std::uniform_real_distribution<>{0, 0.3}(random_);
  max_delay_ = chance(0.5) ? pick(1, 10) : pick(10, 80);
  for (auto& n : nodes_)
    start(n);
  plan_write();
  plan_fault();
  run_until(storm_ms);
  return broken_.empty() ? judge() : broken_;
}

raft_sim::node* raft_sim::leader() {
  node* best = nullptr;
  for (auto& n : nodes_)
    if (n.is_up() && n.machine->takes_appends() && (!best || n.machine->epoch() > best->machine->epoch()))
      best = &n;
  return best;
}

// -- clients -------------------------------------------------------------------------------------------------------

void raft_sim::write(node& n) {
  const auto epoch = n.machine->epoch();
  if (n.log.view().last_epoch() != epoch)
    n.log.mark({epoch, n.log.now().end, std::nullopt});
  for (auto batches = pick(1, 4); batches > 0; --batches) {
    const auto first = n.log.now().end;
    const raft_log::entry batch{epoch, first, first + pick(1, 3), next_content_++};
    n.log.append(batch);
    n.writes.push_back({batch.end, batch.content});
  }
  want_sync(n);
  step(n, raft::input::appended{});
}

/// Clients write to whoever says that it leads, also to one of whom others know better.
void raft_sim::plan_write() {
  after(pick(1, 120), [this] {
    if (!writes_are_on_)
      return;
    auto& n = nodes_[static_cast<size_t>(pick(0, static_cast<int64_t>(nodes_.size()) - 1))];
    if (n.is_up() && n.paused_until <= now_ && n.machine->takes_appends())
      write(n);
    if (auto* l = leader(); l && l->paused_until <= now_ && broken_.empty())
      write(*l);
    plan_write();
  });
}

// -- faults --------------------------------------------------------------------------------------------------------

void raft_sim::plan_fault() {
  after(pick(1, 500), [this] {
    if (!faults_are_on_)
      return;
    fault();
    plan_fault();
  });
}

void raft_sim::fault() {
  auto& n = nodes_[static_cast<size_t>(pick(0, static_cast<int64_t>(nodes_.size()) - 1))];
  const auto other = static_cast<node_id>(pick(1, static_cast<int64_t>(nodes_.size())));
  switch (pick(0, 13)) {
    case 0:
    case 1:
    case 2:
      note("crashes");
      crash(n);
      return after(chance(0.5) ? pick(0, 200) : pick(0, 3000), [this, &n] {
        if (!n.is_up())
          start(n);
      });
    case 3:
      note("pauses");
      n.paused_until = now_ + pick(1, 2500);
      return;
    case 4: {
      note("one-way cuts");
      const std::pair cut{n.id, other};
      cuts_.insert(cut);
      return after(pick(1, 2500), [this, cut] { cuts_.erase(cut); });
    }
    case 5:
    case 6:
      note("isolations");
      for (const auto& x : nodes_) {
        cuts_.insert({n.id, x.id});
        cuts_.insert({x.id, n.id});
      }
      return after(pick(1, 3000), [this, id = n.id] {
        std::erase_if(cuts_, [&](const auto& c) { return c.first == id || c.second == id; });
      });
    case 7:
      if (n.is_up() && n.machine->high_watermark() > n.log.now().start) {
        std::vector<offset_t> ends;
        for (const auto& e : n.log.now().entries)
          if (e.first < e.end && e.end <= n.machine->high_watermark() && e.behind() <= n.log.synced())
            ends.push_back(e.end);
        if (!ends.empty()) {
          note("retentions");
          n.log.trim(ends[static_cast<size_t>(pick(0, static_cast<int64_t>(ends.size()) - 1))]);
          want_sync(n);
        }
      }
      return;
    case 8:
      if (auto* l = leader(); l && l->paused_until <= now_) {
        note("transfers");
        step(*l, raft::input::transfer{other});
      }
      return;
    case 9:
    case 10:
      return change_voters();
    case 11:
      if (n.is_up() && n.paused_until <= now_)
        step(n, raft::input::leader_silent{});
      return;
    case 12:
      note("crashes of all");
      for (auto& x : nodes_)
        if (chance(0.8)) {
          crash(x);
          after(pick(0, 500), [this, &x] {
            if (!x.is_up())
              start(x);
          });
        }
      return;
    default: {
      auto* l = leader();
      // Others rely on the disks of a majority: one may be lost at a time, and only where it can be done without.
      const bool changes =
        std::ranges::any_of(nodes_, [](const node& x) { return x.is_up() && x.machine->changes_voters(); });
      if (!l || lost_ != raft::nobody || changes || l->machine->voters().size() < 3 || l == &n)
        return;
      lost_ = n.id;
      lose_disk(n);
      return after(pick(0, 500), [this, &n] {
        if (!n.is_up())
          start(n);
      });
    }
  }
}

void raft_sim::change_voters() {
  if (auto* l = leader(); l && l->paused_until <= now_)
    change_voters_once(*l);
}

/// A replica whose disk was lost is taken out first and then in again.
void raft_sim::change_voters_once(node& l) {
  const auto& now = l.machine->voters();
  std::vector<node_id> next;
  if (lost_ != raft::nobody && now.is_voter(lost_)) {
    next = now.voters();
    std::erase(next, lost_);
  } else if (lost_ != raft::nobody) {
    next = now.voters();
    next.push_back(lost_);
  } else if (faults_are_on_) {
    for (const auto& n : nodes_)
      if (chance(0.7))
        next.push_back(n.id);
  }
  if (next.empty())
    return;
  note("changes of the voters");
  step(l, raft::input::reconfigure{next});
}

// -- judgement -----------------------------------------------------------------------------------------------------

std::string raft_sim::judge() {
  say("the faults end");
  faults_are_on_ = false;
  loss_ = 0;
  max_delay_ = 5;
  cuts_.clear();
  for (auto& n : nodes_) {
    n.paused_until = std::min(n.paused_until, now_);
    if (!n.is_up())
      start(n);
  }
  run_until(now_ + settle_ms);
  const auto before = acknowledged_.empty() ? 0 : acknowledged_.rbegin()->first;
  const auto end = now_ + calm_ms;
  while (broken_.empty() && now_ < end &&
         (lost_ != raft::nobody || acknowledged_.empty() || acknowledged_.rbegin()->first <= before)) {
    change_voters();
    run_until(now_ + 500);
  }
  writes_are_on_ = false;
  // No more writes: what is there is to be the same everywhere.
  for (; broken_.empty() && now_ < end; run_until(now_ + 100))
    if (has_converged())
      return {};
  if (!broken_.empty())
    return broken_;
  return "no end of it after " + std::to_string(now_) + " ms: " + difference();
}

bool raft_sim::has_converged() { return difference().empty(); }

std::string raft_sim::difference() {
  if (lost_ != raft::nobody)
    return "replica " + std::to_string(lost_) + " was not taken in anew";
  auto* l = leader();
  if (!l)
    return "nobody leads";
  for (auto id : l->machine->voters().everybody()) {
    auto& n = at(id);
    if (n.log.disk_view().end_position() < l->log.disk_view().end_position())
      return "replica " + std::to_string(id) + " lags behind";
  }
  offset_t ack_end = acknowledged_.empty() ? -1 : acknowledged_.rbegin()->first;
  if (ack_end < 0 || l->machine->high_watermark() < ack_end)
    return "no write was acknowledged";
  for (const auto& e : l->log.now().entries)
    if (const auto i = acknowledged_.find(e.end); e.first < e.end && i != acknowledged_.end() && i->second != e.content)
      return "what was acknowledged at " + std::to_string(e.end) + " is something else now";
  return {};
}

} // namespace chisme::test
