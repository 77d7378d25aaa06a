// Starts, watches and restarts a node's replicas, and publishes the image that sessions work by.
//
// The cluster's metadata says which replicas belong here; this actor makes it so. A replica that dies of a broken
// invariant is started again from its log, a few times with growing pauses. A topic that is made again under the name
// of a deleted one waits until the old folder is gone.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/groups/cluster_catalog.hpp"
#include "actors/interfaces.hpp"
#include "actors/partition/partition_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <set>

namespace chisme::supervisor {

struct supervisor_config {
  node_id self = 0;
  std::string cluster_id;
  std::string data_dir;
  std::vector<broker_endpoint> brokers;
  std::shared_ptr<log::files> disk;
  std::function<timestamp_ms()> wall_clock;
  flusher::flusher_actor flusher;
  cleaner::cleaner_actor cleaner;
  std::shared_ptr<const node_settings> settings;
  /// Takes each new image.
  std::function<void(std::shared_ptr<const broker_image>)> publish;
  /// For deadlines: never goes back; milliseconds, near the wall clock's.
  std::function<timestamp_ms()> steady_clock;
  std::function<uuid()> new_id;
  /// Called once, when the replica of `__cluster` serves, or with why it cannot.
  std::function<void(result<partition::port_ptr>)> metadata_log_opened;
};

class supervisor final : public supervisor_actor::base {
public:
  /// How often a replica is restarted before it is given up until the node restarts.
  static constexpr int most_restarts = 5;
  /// How long a replica may put off its checkpoint.
  static constexpr std::chrono::seconds checkpoint_interval{5};

  supervisor(caf::actor_config& config, supervisor_config c);

  const char* name() const override { return "supervisor"; }
  void on_exit() override;

private:
  struct replica {
    topic_partition name;
    partition::partition_actor actor; // null while it is not running
    groups::group_coordinator_actor coordinator; // of groups, where the replica leads a partition of their topic
    partition_image image;
    int restarts = 0;
    int group_restarts = 0;
    bool opening = false;
    bool stopping = false;
  };
  using replica_map = std::map<replica_key, replica>;

  behavior_type make_behavior() override;

  void apply(const cluster_changed& c);
  void start_missing();
  void stop_surplus();
  void hand_out_settings();
  void start(const replica_key& key, replica& r);
  void opened(const replica_opened& o);
  void ended(const caf::down_msg& down);
  void groups_ended(const caf::down_msg& down);
  void restart_later(replica_map::iterator i);
  void start_groups(replica& r);
  void stop_groups(replica& r);
  void tell_groups();
  void hand_out_timings();
  void settle();
  void publish();
  void keep_house();
  void remind_of_checkpoints();
  void begin_shut_down(const shut_down& s);
  bool wanted(const replica_key& key) const;
  topic_settings settings_of(const replica_key& key) const;
  std::string directory_of(const topic_partition& name) const { return config_.data_dir + "/" + to_string(name); }
  bool folder_in_use(const topic_partition& name, const replica_key& but) const;
  void sweep_deleted_folders();

  supervisor_config config_;
  bool replayed_ = false; ///< the first cluster state, which tells of the time before this start, has been applied
  std::shared_ptr<const coordinator::cluster_state> cluster_ = std::make_shared<coordinator::cluster_state>();
  std::shared_ptr<const groups::cluster_catalog> catalog_ = std::make_shared<groups::cluster_catalog>();
  std::shared_ptr<const groups::group_timings> timings_ = std::make_shared<groups::group_timings>();
  replica_map replicas_;
  std::map<caf::actor_id, replica_key> keys_; // of running actors
  std::set<replica_key> want_checkpoint_;
  std::vector<reply<completed>> waiting_; // for everything that is opening now
  std::vector<reply<completed>> closing_;
  bool shutting_down_ = false;
};

/// The id of `__cluster`, which is in no record.
replica_key metadata_log_key();

} // namespace chisme::supervisor
