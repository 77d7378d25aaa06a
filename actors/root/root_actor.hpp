// The composition root: spawns a node's actors, in the order in which they need each other, says when the node serves,
// and ends them in the order in which they can let go. The same for a process, a test and the simulator, which differ
// in what they hand in: disk, clocks, a seed, and whether actors that block get threads of their own.
//
//   flusher, cleaner, remover, disk workers -> (heartbeats, membership) -> supervisor -metadata log is open->
// coordinator -replayed-> ready
//
// Where a node has peers the supervisor waits until the node is a member of a cluster: see coordinator/forming.hpp.
//
// Nothing here waits: each step is a message.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/coordinator/forming.hpp"
#include "actors/coordinator/port.hpp"
#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"
#include "actors/peers/peer_router.hpp"
#include "actors/random_source.hpp"
#include "messages/peer/membership.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>

namespace chisme::supervisor {
struct supervisor_config;
} // namespace chisme::supervisor

namespace chisme::root {

/// How a node is one of many. Without links it is alone.
struct peer_seams {
  std::shared_ptr<links::port> links{};
  peer::member self{}; ///< this process, and where it is reached
  std::vector<peer::address> seeds{};
  /// The cluster that this node is a member of, or has promised to be, as its disk says.
  coordinator::formation formation{};
  /// So many nodes form a cluster where there is none yet; 0: this node joins one.
  int32_t expect = 0;
  /// The only cluster that it may join; empty: any.
  std::string cluster_id{};
  /// Makes a formation durable, or fails and leaves what was there. May block.
  std::function<result<void>(const coordinator::formation&)> keep{};
  /// Is given who takes what other nodes send, before the first thing is sent to them.
  std::function<void(std::shared_ptr<links::receiver>)> receive{};
};

struct root_config {
  std::shared_ptr<const node_settings> settings;
  std::string cluster_id;               ///< of a node that is alone; others learn it, see peer_seams
  std::string data_dir;                 ///< absolute; it exists
  std::vector<broker_endpoint> brokers; ///< this node; others come by brokers_changed
  peer_seams peers{};

  std::shared_ptr<log::files> disk;
  log::filesystem_ptr
    filesystem; ///< that holds data_dir, opened before anything is written to it; null: see sync_round
  /// Thread-safe, as all functions here that are called by actors.
  std::function<timestamp_ms()> wall_clock;
  /// For deadlines: never goes back; milliseconds, near the wall clock's.
  std::function<timestamp_ms()> steady_clock;
  /// Each actor that needs one gets its own from it.
  random_source random{0};

  /// Actors that block in the disk, or must not wait for those that do, run in threads of their own; of disk workers
  /// there are so many.
  bool has_threads = false;
  int disk_workers = 1;

  /// Takes each new image of what the node knows.
  std::function<void(std::shared_ptr<const broker_image>)> publish;
  /// Called once: the node serves, changes go to this port; or why it cannot.
  std::function<void(result<coordinator::port_ptr>)> ready;
  /// An actor without which the node would hang or refuse for ever has ended, and nobody starts it again.
  std::function<void(const std::string& actor, const caf::error& reason)> vital_actor_ended;
};

class root final : public root_actor::base {
public:
  root(caf::actor_config& config, root_config c);

  const char* name() const override { return "root"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;
  void start_blocking_actors();
  void start_peers();
  void start_membership();
  void start_forming();
  void join(coordinator::joined_cluster& m);
  void heed_claim(const supervisor::leader_claim& x);
  void let_know_of_peers(supervisor::supervisor_config& c);
  void hand_on(peers::arrival& m);
  void start_supervisor();
  void heed_role(const metadata_log_role& m);
  void heed_brokers(const brokers_changed& b);
  void start_coordinator(const coordinator::log_role& role);
  void tell_ready(const result<void>& outcome);
  void end(const end_request& r);
  void logs_are_closed();
  void end_all();

  template <class Actor, class... Args>
  auto spawn_with_thread(Args&&... args) {
    return config_.has_threads ? system().spawn<Actor, caf::detached>(std::forward<Args>(args)...)
                               : system().spawn<Actor>(std::forward<Args>(args)...);
  }
  void keep(caf::actor vital, const char* name);
  template <class Handle>
  void keep(const Handle& vital, const char* name) {
    keep(caf::actor_cast<caf::actor>(vital), name);
  }

  root_config config_;
  std::shared_ptr<std::atomic<bool>> cleaner_ends_ = std::make_shared<std::atomic<bool>>(false);
  flusher::flusher_actor flusher_;
  cleaner::cleaner_actor cleaner_;
  remover::remover_actor remover_;
  std::vector<disk_worker::disk_worker_actor> disk_workers_;
  supervisor::supervisor_actor supervisor_;
  coordinator::coordinator_actor coordinator_;
  // Null where the node is alone.
  heartbeats::heartbeats_actor heartbeats_;
  membership::membership_actor membership_;
  coordinator::forming_actor forming_;
  std::shared_ptr<peers::peer_router> router_;
  std::vector<supervisor::leader_claim> early_claims_; ///< that came before this node was a member; told once
  bool has_failed_ = false;                            ///< the metadata log could not be opened, which was told
  std::vector<caf::actor> vital_;                      ///< all of these, in the order in which they were started
  std::vector<reply<supervisor::completed>> ending_;
};

} // namespace chisme::root
