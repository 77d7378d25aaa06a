// Time, machines, processes and clients of a simulated cluster.
#include "tests/sim/cluster_sim.hpp"

#include "nodes/late_receiver.hpp"

#include "tests/sim/seeds.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

peer::address address_of(node_id id) { return {"n" + std::to_string(id), 9093}; }

} // namespace

namespace {

/// A random stream of its own for each purpose.
std::mt19937_64 stream(uint64_t seed, uint32_t purpose) {
  std::seed_seq s{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), purpose};
  return std::mt19937_64{s};
}
enum purpose : uint32_t { of_scheduling = 1, of_network, of_disks, of_clients, of_faults };

} // namespace

cluster_sim::cluster_sim(uint64_t seed, options o)
  : scheduling_(stream(seed, of_scheduling)), disks_(stream(seed, of_disks)), clients_random_(stream(seed, of_clients)),
    faults_(stream(seed, of_faults)), options_(o),
    network_(stream(seed, of_network)(), trace_), world_{clients_random_, told_, trace_.hash()} {
  world_.is_cluster = o.nodes > 1;
  world_.replication_factor = static_cast<int16_t>(std::min(o.nodes, 3));
  network_.set_time(now_);
  for (node_id id = 1; id <= o.nodes; ++id) {
    host h;
    h.id = id;
    h.disk = std::make_shared<sim_files>(disks_());
    h.folder = new_folder();
    h.at = now_;
    // Nodes were not started at the same moment, nor are their clocks set the same.
    h.local = now_ + chance(0, 100'000);
    h.wall_offset = chance(-5000, 5000);
    hosts_.push_back(std::move(h));
  }
  if (!o.has_clients)
    return;
  const auto add = [this](auto client) { clients_.push_back({std::move(client), now_}); };
  for (const auto* name : {"p0", "p1", "p2"})
    add(std::make_unique<sim_producer>(world_, name, true));
  add(std::make_unique<sim_producer>(world_, "n0", false));
  for (int i = 0; i < 2; ++i)
    add(std::make_unique<sim_reader>(world_));
  add(std::make_unique<sim_committer>(world_));
  for (int i = 0; i < 3; ++i)
    add(std::make_unique<sim_member>(world_));
  add(std::make_unique<sim_admin>(world_));
}

cluster_sim::~cluster_sim() {
  for (auto& h : hosts_)
    end_process(h, parting::closes);
}

int64_t cluster_sim::chance(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(faults_() % static_cast<uint64_t>(high - low + 1));
}

std::string cluster_sim::run(std::chrono::milliseconds with_faults) {
  for (auto& h : hosts_)
    start(h);
  run_until(now_ + 10'000);
  make_topics();
  clients_rest_ = false;
  faults_may_happen_ = true;
  plan_fault();
  run_until(now_ + with_faults.count());
  if (is_well()) {
    end_faults();
    converge();
  }
  return is_well() ? "" : "after " + std::to_string(simulated().count()) + " ms: " + told_.broken();
}

// -- time ----------------------------------------------------------------------------------------------------------

void cluster_sim::run_until(timestamp_ms end) {
  while (is_well() && now_ < end) {
    while (!planned_.empty() && planned_.begin()->first <= now_) {
      const auto next = planned_.extract(planned_.begin());
      next.mapped()();
    }
    clients_act();
    while (is_well() && step()) {
    }
    if (is_well())
      advance_to(next_moment(end));
  }
}

/// Whoever has something to do may be next. False where nobody has before time passes.
bool cluster_sim::step() {
  std::vector<host*> ready;
  for (auto* h : running())
    if (!network_.is_paused(h->id) && h->process->is_runnable())
      ready.push_back(h);
  const auto count = ready.size() + (network_.has_due() ? 1 : 0);
  if (count == 0)
    return false;
  const auto which = scheduling_() % count;
  if (which == ready.size()) {
    network_.step();
    return true;
  }
  auto& h = *ready[which];
  h.process->step();
  look_after_step(h);
  return true;
}

/// A process that cannot begin says so and ends.
void cluster_sim::look_after_step(host& h) {
  if (!h.process->failure().empty()) {
    say(h.id, "cannot begin: " + h.process->failure());
    end_process(h, parting::closes);
    return restart_later(h);
  }
  if (!h.process->death().empty())
    broken("node " + std::to_string(h.id) + ": an actor ended: " + h.process->death());
  if (!h.disk->waited_for().empty())
    broken("node " + std::to_string(h.id) + ": somebody who must not waited for " + h.disk->waited_for());
  if (std::exchange(h.images_seen, h.process->images()) == h.process->images())
    return;
  if (auto wrong = leaders_.look(h.id, *h.process->broker().image.get()); !wrong.empty())
    broken(std::move(wrong));
}

timestamp_ms cluster_sim::next_moment(timestamp_ms end) {
  auto next = end;
  if (const auto at = network_.next())
    next = std::min(next, *at);
  if (!planned_.empty())
    next = std::min(next, planned_.begin()->first);
  for (const auto& c : clients_)
    if (c.acts_at > now_)
      next = std::min(next, c.acts_at);
  for (auto* h : running())
    if (const auto due = network_.is_paused(h->id) ? std::nullopt : h->process->next_due())
      next = std::min(next, now_ + std::max<int64_t>(1, *due * 1'000'000 / (1'000'000 + h->drift)));
  return std::max(next, now_ + 1);
}

/// A node that pauses sees the time when it goes on.
void cluster_sim::advance_to(timestamp_ms then) {
  now_ = then;
  world_.time = then;
  network_.set_time(then);
  for (auto* h : running()) {
    if (network_.is_paused(h->id))
      continue;
    h->process->pass(std::chrono::milliseconds{h->local_time(now_) - h->process->now()});
    look_after_step(*h);
    trace_.hash().add(h->disk->operations());
  }
}

// -- machines and processes ----------------------------------------------------------------------------------------

std::vector<cluster_sim::host*> cluster_sim::running() {
  std::vector<host*> out;
  for (auto& h : hosts_)
    if (h.process)
      out.push_back(&h);
  return out;
}

void cluster_sim::start(host& h) {
  h.is_awaited = false;
  if (h.process)
    return;
  ++h.starts;
  h.images_seen = 0;
  h.failed_syncs = h.disk->failed_syncs();
  leaders_.restarted(h.id);
  say(h.id, "starts");
  sim_node_setup setup;
  setup.id = h.id;
  setup.wall_offset = h.wall_offset;
  // Mostly a disk is fast.
  if (options_.nodes > 1)
    setup.disk_time = [this] { return static_cast<int64_t>(disks_() % 50 ? disks_() % 4 : disks_() % 200); };
  peer::process self;
  self.cluster_id = "c";
  self.id = h.id;
  self.process_id = static_cast<uint64_t>(h.id) * 1'000'000 + h.starts;
  self.at = address_of(h.id);
  if (options_.has_clients && options_.nodes > 1)
    join(self, setup);
  h.process = std::make_unique<sim_node>(h.disk, scheduling_, h.local_time(now_), std::move(setup));
  world_.nodes[h.id] = h.process.get();
  if (!options_.has_clients)
    speak_idly(h, self);
}

/// The node is one of many.
void cluster_sim::join(const peer::process& self, sim_node_setup& setup) {
  const auto told = std::make_shared<nodes::late_receiver>();
  auto& peers = setup.peers;
  peers.links = network_.join(self, told);
  peers.receive = [told](std::shared_ptr<links::receiver> to) { told->set(std::move(to)); };
  peers.self.id = self.id;
  peers.self.process = self.process_id;
  peers.self.peer = self.at;
  peers.self.clients = {{"node", 9092}};
  const auto& runs_on = hosts_[static_cast<size_t>(self.id - 1)];
  peers.self.folder = runs_on.folder;
  peers.formation = {coordinator::formation::phase::member, self.cluster_id, -1, {}, {}, runs_on.is_founder};
  for (const auto& other : hosts_) {
    peers.formation.voters.push_back(other.id);
    if (other.id != self.id)
      peers.seeds.push_back(address_of(other.id));
  }
}

/// Links alone: a stand-in speaks over them.
void cluster_sim::speak_idly(host& h, const peer::process& self) {
  h.toy = std::make_shared<toy_peer>(h.starts);
  if (options_.is_harsh)
    h.toy->forgive_order();
  auto links = network_.join(self, h.toy);
  for (const auto& other : hosts_)
    if (other.id != h.id)
      links->set_peer(other.id, address_of(other.id));
  // The port is dead when the process is.
  const auto speak = [this, &h, links, life = h.starts](auto& again) -> void {
    if (!h.process || h.starts != life)
      return;
    if (!network_.is_paused(h.id))
      h.toy->speak(*links);
    if (!h.toy->wrong().empty())
      broken("node " + std::to_string(h.id) + ": " + h.toy->wrong());
    plan(100, [again] { again(again); });
  };
  plan(100, [speak] { speak(speak); });
}

void cluster_sim::end_process(host& h, parting how) {
  if (!h.process)
    return;
  h.disk->freeze_after(0);
  for (auto& c : clients_)
    c.client->disconnect(h.id);
  if (question_.on == h.id)
    question_ = {};
  world_.nodes.erase(h.id);
  network_.leave(h.id, how);
  network_.resume(h.id);
  h.process.reset();
  h.toy.reset();
  h.disk->thaw();
  h.disk->refuse_opens(false);
  h.disk->cancel_fault();
  if (how == parting::vanishes || h.disk->is_read_only())
    h.disk->crash(disks_);
  trace_.hash().add(h.disk->operations());
}

void cluster_sim::restart_later(host& h) {
  if (std::exchange(h.is_awaited, true))
    return;
  plan(chance(0, 3) ? chance(0, 2000) : chance(2000, 20'000), [this, &h] {
    if (h.is_awaited)
      start(h);
  });
}

uuid cluster_sim::new_folder() { return {{0xf0, ++folders_}}; }

void cluster_sim::set_drift(host& h, int64_t drift) {
  h.local = h.local_time(now_);
  h.at = now_;
  h.drift = drift;
}

void cluster_sim::resume(host& h) {
  if (!network_.is_paused(h.id))
    return;
  network_.resume(h.id);
  say(h.id, "goes on");
}

/// A sync that failed is final for a process.
bool cluster_sim::disk_is_unsound(const host& h) const {
  return h.disk->is_read_only() || h.disk->failed_syncs() != h.failed_syncs;
}

// -- clients -------------------------------------------------------------------------------------------------------

void cluster_sim::clients_act() {
  if (clients_rest_)
    return;
  for (auto& c : clients_) {
    if (c.acts_at > now_)
      continue;
    c.client->act();
    c.acts_at = now_ + world_.pick(5, 300);
  }
}

} // namespace chisme::test
