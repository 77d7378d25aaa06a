// What befalls a simulated cluster. The budget: no disk loses what was synced, but one at a time that is lost as a
// whole while all others are whole, so no promise may break whatever happens here together.
#include "tests/sim/cluster_sim.hpp"
#include "tests/sim/weighted_steps.hpp"

#include <algorithm>

namespace chisme::test {

void cluster_sim::plan_fault() {
  plan(chance(50, 2500), [this] {
    if (!faults_may_happen_)
      return;
    fault();
    plan_fault();
  });
}

void cluster_sim::fault() {
  static constexpr weighted_step<cluster_sim> table[] = {
    {10, "kill", &cluster_sim::kill},
    {8, "power loss", &cluster_sim::lose_power},
    {2, "power loss of all", &cluster_sim::lose_all_power},
    {4, "stop", &cluster_sim::stop},
    {2, "emptied", &cluster_sim::empty},
    {8, "pause", &cluster_sim::pause},
    {6, "one way parts", &cluster_sim::part_one_way},
    {6, "parts in two", &cluster_sim::part_in_two},
    {6, "isolation", &cluster_sim::isolate},
    {3, "swizzle", &cluster_sim::swizzle},
    {8, "a link is cut", &cluster_sim::cut_a_link},
    {6, "weather", &cluster_sim::change_weather},
    {8, "disk fails", &cluster_sim::fail_disk},
    {4, "write-back fails", &cluster_sim::fail_write_back},
    {3, "no descriptors", &cluster_sim::lack_descriptors},
    {3, "disk is full", &cluster_sim::fill_disk},
    {8, "pages leave", &cluster_sim::cool_down},
    {3, "wall clock jumps", &cluster_sim::jump_wall_clock},
    {3, "clock drifts", &cluster_sim::drift},
    {8, "clients are cut off", &cluster_sim::disconnect},
  };
  const auto& next = step_at(table, chance(0, total_weight(table) - 1));
  ++happened_[next.name];
  (this->*next.act)();
}

cluster_sim::host& cluster_sim::any_host() { return hosts_[static_cast<size_t>(chance(0, std::ssize(hosts_) - 1))]; }

// -- processes and machines ----------------------------------------------------------------------------------------

void cluster_sim::kill() {
  auto& h = any_host();
  say(h.id, "is killed");
  end_process(h, parting::closes);
  if (chance(0, 3) == 0)
    h.disk->drop_clean_pages();
  restart_later(h);
}

void cluster_sim::lose_power() {
  auto& h = any_host();
  say(h.id, "loses its power");
  end_process(h, parting::vanishes);
  restart_later(h);
}

void cluster_sim::lose_all_power() {
  say(sim_trace::nobody, "all lose their power");
  for (auto& h : hosts_) {
    end_process(h, parting::vanishes);
    restart_later(h);
  }
}

/// Its disk is another one, with nothing on it. Others rely on what a majority holds: the next one may be emptied when
/// all that this one held is counted again.
void cluster_sim::empty() {
  auto& h = any_host();
  if (hosts_.size() < 3 || !options_.has_clients || (emptied_ > 0 && not_taken_in(hosts_[size_t(emptied_ - 1)])))
    return;
  say(h.id, "is emptied");
  end_process(h, parting::vanishes);
  h.disk = std::make_shared<sim_files>(disks_());
  h.folder = new_folder();
  h.is_founder = false;
  emptied_ = h.id;
  restart_later(h);
}

/// A node with a disk that fails may be unable to close its logs, but not to end.
void cluster_sim::stop() {
  auto& h = any_host();
  if (!h.process || network_.is_paused(h.id))
    return;
  say(h.id, "is told to end");
  h.process->begin_stop();
  end_when_stopped(h, h.starts, now_ + chance(100, 40'000));
}

/// Or is killed on the way.
void cluster_sim::end_when_stopped(host& h, uint64_t life, timestamp_ms deadline) {
  if (!h.process || h.starts != life)
    return;
  if (!h.process->has_stopped() && now_ < deadline)
    return plan(20, [this, &h, life, deadline] { end_when_stopped(h, life, deadline); });
  say(h.id, h.process->has_stopped() ? "has ended" : "is killed while it ends");
  end_process(h, parting::closes);
  restart_later(h);
}

void cluster_sim::pause() {
  auto& h = any_host();
  if (!h.process || network_.is_paused(h.id))
    return;
  const auto ms = chance(0, 2) ? chance(20, 1500) : chance(1500, 15'000);
  say(h.id, "pauses for " + std::to_string(ms) + " ms");
  network_.pause(h.id);
  plan(ms, [this, &h] { resume(h); });
}

// -- the network ---------------------------------------------------------------------------------------------------

void cluster_sim::part_one_way() {
  const auto from = any_host().id, to = any_host().id;
  if (from == to)
    return;
  say(from, "does not reach node " + std::to_string(to));
  network_.stop(from, to);
  plan(chance(100, 20'000), [this, from, to] { network_.go_on(from, to); });
}

void cluster_sim::part_in_two() {
  std::set<node_id> one;
  for (const auto& h : hosts_)
    if (chance(0, 1))
      one.insert(h.id);
  std::string words;
  for (const auto id : one)
    words += " " + std::to_string(id);
  say(sim_trace::nobody, "these and the others are parted:" + words);
  const auto ms = chance(100, 20'000);
  for (const auto& a : hosts_)
    for (const auto& b : hosts_)
      if (one.contains(a.id) != one.contains(b.id)) {
        network_.stop(a.id, b.id);
        plan(ms, [this, from = a.id, to = b.id] { network_.go_on(from, to); });
      }
}

void cluster_sim::isolate() {
  const auto id = any_host().id;
  say(id, "is alone");
  const auto ms = chance(100, 20'000);
  for (const auto& other : hosts_)
    if (other.id != id)
      for (const auto& [from, to] : {std::pair{id, other.id}, std::pair{other.id, id}}) {
        network_.stop(from, to);
        plan(ms, [this, from = from, to = to] { network_.go_on(from, to); });
      }
}

/// Each link of a node stops and goes on in an order of its own (FoundationDB's swizzle-clogging).
void cluster_sim::swizzle() {
  const auto id = any_host().id;
  say(id, "has its links stop and go on one by one");
  for (const auto& other : hosts_)
    if (other.id != id)
      for (const auto& [from, to] : {std::pair{id, other.id}, std::pair{other.id, id}}) {
        plan(chance(0, 2000), [this, from = from, to = to] { network_.stop(from, to); });
        plan(chance(2500, 6000), [this, from = from, to = to] { network_.go_on(from, to); });
      }
}

void cluster_sim::cut_a_link() {
  const auto from = any_host().id, to = any_host().id;
  if (from == to)
    return;
  say(from, "loses its connections to node " + std::to_string(to));
  network_.cut(from, to, "connection reset");
}

void cluster_sim::change_weather() {
  auto& w = network_.now_blowing();
  w = weather{};
  const auto kind = chance(0, 3);
  if (kind == 1)
    w.longest_delay = chance(5, 80), w.slow = chance(0, 1000), w.longest_slow_delay = chance(80, 2000);
  if (kind == 2)
    w.breaks = chance(1, 300), w.forged = chance(0, 20);
  if (kind == 3 && options_.is_harsh)
    w.vanish = chance(0, 3000), w.come_twice = chance(0, 500), w.overtake = chance(0, 1000);
  say(sim_trace::nobody, "weather of kind " + std::to_string(kind));
}

// -- disks ---------------------------------------------------------------------------------------------------------

void cluster_sim::fail_disk() {
  auto& h = any_host();
  say(h.id, "has a disk that is going to fail");
  h.disk->fail_operation(static_cast<uint64_t>(chance(0, 30)), chance(0, 2) ? disk_fault::full : disk_fault::io_error);
}

void cluster_sim::fail_write_back() {
  auto& h = any_host();
  say(h.id, "writes back in vain");
  h.disk->fail_write_back();
}

void cluster_sim::lack_descriptors() {
  auto& h = any_host();
  say(h.id, "has no descriptors left");
  h.disk->refuse_opens(true);
  plan(chance(100, 5000), [&h] { h.disk->refuse_opens(false); });
}

void cluster_sim::fill_disk() {
  auto& h = any_host();
  say(h.id, "has a full disk");
  h.disk->fill_up(static_cast<uint64_t>(chance(0, 10)));
  plan(chance(100, 10'000), [&h] { h.disk->make_room(); });
}

void cluster_sim::cool_down() { any_host().disk->cool_down(disks_); }

// -- clocks and clients --------------------------------------------------------------------------------------------

void cluster_sim::jump_wall_clock() {
  auto& h = any_host();
  h.wall_offset += chance(0, 1) ? chance(-3000, 3000) : chance(-100'000, 100'000);
  say(h.id, "has its wall clock set");
  if (h.process)
    h.process->set_wall_offset(h.wall_offset);
}

void cluster_sim::drift() {
  auto& h = any_host();
  say(h.id, "has a clock that drifts");
  set_drift(h, chance(-20'000, 20'000));
}

void cluster_sim::disconnect() {
  if (!clients_.empty())
    clients_[static_cast<size_t>(chance(0, std::ssize(clients_) - 1))].client->disconnect();
}

// -- the end of them -----------------------------------------------------------------------------------------------

void cluster_sim::end_faults() {
  say(sim_trace::nobody, "the faults end");
  faults_may_happen_ = false;
  network_.now_blowing() = weather{};
  network_.all_go_on();
  for (auto& h : hosts_) {
    resume(h);
    h.disk->cancel_fault();
    h.disk->refuse_opens(false);
    h.disk->make_room();
  }
}

} // namespace chisme::test
