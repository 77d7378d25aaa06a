#include "actors/root/root_actor.hpp"

#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/coordinator/coordinator_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/failing_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/remover/remover_actor.hpp"
#include "actors/root/forwards.hpp"
#include "actors/supervisor/supervisor_actor.hpp"

#include <caf/send.hpp>

#include <utility>

namespace chisme::root {

root::root(caf::actor_config& config, root_config c) : root_actor::base(config), config_(std::move(c)) {
  end_at_exceptions(*this);
}

root::behavior_type root::make_behavior() {
  start_blocking_actors();
  if (config_.peers.links)
    start_peers();
  else
    start_supervisor();
  return {
    [this](peers::arrival& m) { hand_on(m); },
    [this](coordinator::joined_cluster& m) { join(m); },
    [this](const metadata_log_role& m) { heed_role(m); },
    [this](const brokers_changed& b) { heed_brokers(b); },
    [this](const supervisor::leader_claim& x) { heed_claim(x); },
    [this](const coordinator_ready& r) { tell_ready(r.outcome); },
    [this](const end_request& r) { end(r); },
    [this](logs_closed) { logs_are_closed(); },
    [this](has_left) { end_all(); },
  };
}

/// Its actors are waited for: no handle of a detached one may live on with the root's.
void root::on_exit() {
  for (; !vital_.empty(); vital_.pop_back())
    caf::anon_send_exit(vital_.back(), caf::exit_reason::user_shutdown);
  coordinator_ = nullptr;
  supervisor_ = nullptr;
  forming_ = nullptr;
  membership_ = nullptr;
  heartbeats_ = nullptr;
  router_ = nullptr;
  config_.peers = {};
  disk_workers_.clear();
  remover_ = nullptr;
  cleaner_ = nullptr;
  flusher_ = nullptr;
}

// -- the beginning -----------------------------------------------------------------------------------------------

void root::keep(caf::actor vital, const char* name) {
  vital_.push_back(std::move(vital));
  vital_.back()->attach_functor([name, tell = config_.vital_actor_ended](const caf::error& reason) {
    if (tell && reason != caf::exit_reason::user_shutdown)
      tell(name, reason);
  });
}

void root::start_blocking_actors() {
  flusher_ = spawn_with_thread<flusher::flusher>(config_.filesystem);
  keep(flusher_, "flusher");
  const hash_key hash{config_.random.bits(), config_.random.bits()};
  cleaner_ = spawn_with_thread<cleaner::cleaner>(config_.disk, hash, cleaner_ends_);
  keep(cleaner_, "cleaner");
  remover_ = spawn_with_thread<remover::remover>(config_.disk, config_.data_dir);
  keep(remover_, "remover");
  for (int i = 0; i < config_.disk_workers; ++i) {
    disk_workers_.push_back(spawn_with_thread<disk_worker::disk_worker>(config_.disk));
    keep(disk_workers_.back(), "disk_worker");
  }
}

void root::start_supervisor() {
  supervisor::supervisor_config c;
  c.self = config_.settings->node_id;
  c.cluster_id = config_.cluster_id;
  c.data_dir = config_.data_dir;
  c.brokers = config_.brokers;
  c.wall_clock = config_.wall_clock;
  c.steady_clock = config_.steady_clock;
  c.flusher = flusher_;
  c.cleaner = cleaner_;
  c.remover = remover_;
  c.disk_workers = disk_workers_;
  c.settings = config_.settings;
  c.publish = config_.publish;
  c.random = config_.random.split();
  c.metadata_log_role = [me = root_actor{this}](result<coordinator::log_role> r) {
    caf::anon_send(me, metadata_log_role{std::move(r)});
  };
  if (config_.peers.links)
    let_know_of_peers(c);
  supervisor_ = system().spawn<supervisor::supervisor>(std::move(c));
  keep(supervisor_, "supervisor");
}

void root::heed_role(const metadata_log_role& m) {
  if (!ending_.empty() || has_failed_)
    return;
  has_failed_ = !m.role;
  if (has_failed_)
    config_.ready(tl::make_unexpected(m.role.error()));
  else if (coordinator_)
    caf::anon_send(coordinator_, *m.role);
  else
    start_coordinator(*m.role);
}

void root::heed_brokers(const brokers_changed& b) {
  config_.brokers = b.alive;
  if (forming_)
    caf::anon_send(forming_, b);
  if (supervisor_)
    caf::anon_send(supervisor_, b);
  if (coordinator_)
    caf::anon_send(coordinator_, b);
}

void root::start_coordinator(const coordinator::log_role& role) {
  coordinator::coordinator_config c;
  c.settings = config_.settings;
  c.role = role;
  c.brokers = config_.brokers;
  if (config_.peers.links)
    c.forwards = make_forward_port(config_.peers.links);
  c.supervisor = supervisor_;
  c.new_id = config_.random.split().ids();
  c.wall_clock = config_.wall_clock;
  c.ready = [me = root_actor{this}](result<void> r) { caf::anon_send(me, coordinator_ready{std::move(r)}); };
  coordinator_ = system().spawn<coordinator::coordinator>(std::move(c));
  keep(coordinator_, "coordinator");
}

void root::tell_ready(const result<void>& outcome) {
  if (outcome)
    config_.ready(coordinator::make_port(coordinator_));
  else
    config_.ready(tl::make_unexpected(outcome.error()));
}

// -- the end -----------------------------------------------------------------------------------------------------

/// The supervisor closes every log; then nobody is needed any more.
void root::end(const end_request& r) {
  ending_.push_back(r.ended);
  if (ending_.size() > 1)
    return;
  if (!supervisor_)
    return logs_are_closed(); // none was opened
  caf::anon_send(supervisor_,
                 supervisor::shut_down{reply_with<supervisor::completed>(
                   [me = root_actor{this}](supervisor::completed) { caf::anon_send(me, logs_closed{}); })});
}

/// Others hear that it leaves, instead of finding out.
void root::logs_are_closed() {
  if (!membership_)
    return end_all();
  membership_->attach_functor([me = root_actor{this}] { caf::anon_send(me, has_left{}); });
  caf::anon_send(membership_, membership::input::leave{});
}

void root::end_all() {
  *cleaner_ends_ = true;
  for (auto& ended : std::exchange(ending_, {}))
    ended({});
  quit(caf::exit_reason::user_shutdown);
}

} // namespace chisme::root
