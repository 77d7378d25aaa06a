// The shell around what decides about a node's replicas (supervision.hpp): spawns and stops actors, keeps their
// handles, lets timers run, and publishes the image that sessions work by.
//
// The cluster's metadata says which replicas belong here. A replica that dies of a broken invariant, or whose log
// cannot be opened because the disk or the process lacks something, is tried again with growing pauses for as long as
// it takes; only damaged data and a failed sync need people.
//
// The folder of a deleted topic goes to the remover when its replica has let go of it. What a crash left of deletions
// is found when the metadata log has been replayed (leftover_folders.hpp) and goes the same way.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"
#include "actors/peers/peer_router.hpp"
#include "actors/random_source.hpp"
#include "actors/supervisor/supervision.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <map>

namespace chisme::supervisor {

struct supervisor_config {
  node_id self = 0;
  std::string cluster_id;
  std::string data_dir;
  std::vector<broker_endpoint> brokers;
  std::function<timestamp_ms()> wall_clock;
  flusher::flusher_actor flusher;
  cleaner::cleaner_actor cleaner;
  remover::remover_actor remover;
  /// A replica's blocking work goes to one of them.
  std::vector<disk_worker::disk_worker_actor> disk_workers;
  std::shared_ptr<const node_settings> settings;
  /// Takes each new image.
  std::function<void(std::shared_ptr<const broker_image>)> publish;
  /// For deadlines: never goes back; milliseconds, near the wall clock's.
  std::function<timestamp_ms()> steady_clock;
  random_source random{0};
  /// Called when the replica of `__cluster` is open, and whenever another node or this one comes to lead it; or once
  /// with why it cannot be opened.
  std::function<void(result<coordinator::log_role>)> metadata_log_role;
  cluster_place place{};
  /// To the membership: what this node leads, and which topics are gone. Only where there may be other nodes.
  std::function<void(const leader_claim&)> claim{};
  std::function<void(const uuid&)> forget_claims{};
  /// For replicas that have others on other nodes; null: there are none.
  std::shared_ptr<links::port> links{};
  heartbeats::port_ptr heartbeats{};
  std::shared_ptr<peers::peer_router> router{};
};

class supervisor final : public supervisor_actor::base {
public:
  supervisor(caf::actor_config& config, supervisor_config c);

  const char* name() const override { return "supervisor"; }
  void on_exit() override;

private:
  /// The actors of one replica; null while they do not run.
  struct actors {
    partition::partition_actor replica;
    groups::group_coordinator_actor groups;
    groups::port_ptr groups_port;
  };

  behavior_type make_behavior() override;

  void take(const supervision_input& in);
  void apply(const cluster_changed& x);
  void ended(const caf::down_msg& down);
  void replica_ended(const replica_key& key, const std::string& reason);
  void look_for_leftovers(std::shared_ptr<const coordinator::cluster_state> cluster, const std::function<void()>& then);
  void looked(const disk_worker::search_result& r);

  void perform(const action::start_replica& x);
  void perform(const action::stop_replica& x) { tell(x.key, partition::stop_request{x.remove}); }
  void perform(const action::reopen_replica& x) { tell(x.key, partition::reopen{}); }
  void perform(const action::hand_over& x);
  void perform(const action::hand_settings& x) { tell(x.key, partition::settings_changed{x.settings}); }
  void perform(const action::remind_replica& x);
  void perform(const action::release_folder& x);
  void perform(const action::look_for_leftovers&) {
    look_for_leftovers(machine_->cluster(), [] {});
  }
  void perform(const action::start_groups& x);
  void perform(const action::stop_groups& x);
  void perform(const action::hand_topics_to_groups& x);
  void perform(const action::hand_timings_to_groups& x);
  void perform(const action::set_timer& x);
  void perform(const action::schedule_publication&);
  void perform(const action::publish& x);
  void perform(const action::answer_change& x);
  void perform(const action::answer_shut_down&);
  void perform(const action::tell_metadata_log_failed& x);
  void perform(const action::tell_log_role& x);
  void perform(const action::claim& x);
  void perform(const action::forget_claims& x);
  void perform(const notice& x);

  /// What replicas that ended are told goes nowhere.
  template <class Message>
  void tell(const replica_key& key, Message message);
  template <class Message>
  void tell_all_groups(const Message& message);
  topic_image_ptr image_of(const coordinator::topic_ptr& topic) const;

  supervisor_config config_;
  std::optional<supervision> machine_; ///< none when this actor has ended
  std::map<replica_key, actors> actors_;
  std::map<caf::actor_id, replica_key> replicas_; ///< that run
  std::map<caf::actor_id, replica_key> groups_;   ///< coordinators that run and have not been stopped
  broker_image image_;                            ///< as it was published last
  std::shared_ptr<const groups::cluster_catalog> catalog_ = std::make_shared<groups::cluster_catalog>();
  std::shared_ptr<const groups::group_timings> timings_ = std::make_shared<groups::group_timings>();
  std::shared_ptr<const topic_ids> unswept_; ///< deletions whose folders have not been looked for
  uint64_t changes_ = 0;
  std::map<uint64_t, reply<completed>> waiting_; ///< by change
  std::vector<reply<completed>> closing_;
};

} // namespace chisme::supervisor
