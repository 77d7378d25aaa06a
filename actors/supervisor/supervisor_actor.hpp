// Starts, watches and restarts a node's replicas, and publishes the image that sessions work by.
//
// The cluster's metadata says which replicas belong here; this actor makes it so. A replica that dies of a broken
// invariant, or whose log cannot be opened because the disk or the process lacks something, is tried again with growing
// pauses for as long as it takes; only damaged data and a failed sync need people. Nobody waits for more than the first
// attempt.
//
// The folder of a deleted topic goes to the remover when its replica has let go of it. A topic that is made again under
// the name of a deleted one waits until that name is free. What a crash left of deletions is found when the metadata log
// has been replayed (leftover_folders.hpp) and goes the same way.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/groups/cluster_catalog.hpp"
#include "actors/interfaces.hpp"
#include "actors/partition/partition_actor.hpp"
#include "actors/retry_delay.hpp"

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
  remover::remover_actor remover;
  /// A replica's blocking work goes to one of them.
  std::vector<disk_worker::disk_worker_actor> disk_workers;
  std::shared_ptr<const node_settings> settings;
  /// Takes each new image.
  std::function<void(std::shared_ptr<const broker_image>)> publish;
  /// For deadlines: never goes back; milliseconds, near the wall clock's.
  std::function<timestamp_ms()> steady_clock;
  std::function<uuid()> new_id;
  /// Spreads attempts that would come together.
  std::function<uint64_t()> random;
  /// Called once, when the replica of `__cluster` serves, or with why it cannot.
  std::function<void(result<partition::port_ptr>)> metadata_log_opened;
};

class supervisor final : public supervisor_actor::base {
public:
  /// Between attempts to open a replica, to start it again, to remove its folder.
  static constexpr std::chrono::milliseconds first_pause{100};
  static constexpr std::chrono::milliseconds longest_pause{30'000};
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
    bool opening = false;   // the first attempt is under way
    bool stopping = false;  // it is not wanted any more: told to let go of its folder, which then has to go
    bool releasing = false; // the remover has been asked for it
    bool existed = false;   // the topic is older than this start of the node
    bool was_open = false;
    bool stuck = false;           // the folder could not be removed so far
    bool attempt_is_due = false;  // a timer runs
    std::string told;             // why it cannot be opened, as it was logged last
    timestamp_ms alive_since = 0; // by the steady clock
    retry_delay pause{first_pause, longest_pause};
    timestamp_ms groups_alive_since = 0;
    retry_delay groups_pause{first_pause, longest_pause};
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
  void is_open(replica& r);
  void could_not_open(const replica_key& key, replica& r, const replica_opened& o);
  std::chrono::milliseconds try_again(const replica_key& key, replica& r);
  void attempt(const replica_key& key);
  void attempt_groups(const replica_key& key);
  void start_groups(replica& r);
  void stop_groups(replica& r);
  void tell_groups();
  void hand_out_timings();
  void settle();
  void publish_soon();
  void publish();
  void keep_house();
  void remind_of_checkpoints();
  void want_compaction(const replica_key& key);
  void arm_compaction();
  void remind_of_compaction(uint64_t number);
  void begin_shut_down(const shut_down& s);
  bool wanted(const replica_key& key) const;
  topic_settings settings_of(const replica_key& key) const;
  std::string directory_of(const topic_partition& name) const { return config_.data_dir + "/" + to_string(name); }

  // -- folders ---------------------------------------------------------------------------------------------------

  const replica* holder_of(const topic_partition& name, const replica_key& but) const;
  void release_folder(const replica_key& key, replica& r);
  void released(const replica_key& key, const std::string& failure);
  void start_held_up(const topic_partition& name);
  void sweep();

  supervisor_config config_;
  bool replayed_ = false; ///< the first cluster state, which tells of the time before this start, has been applied
  std::shared_ptr<const topic_ids> unswept_; ///< deletions whose folders have not been looked for
  std::function<void(partition::port_ptr)> tell_coordinator_; ///< that the metadata log was opened anew
  std::shared_ptr<const coordinator::cluster_state> cluster_ = std::make_shared<coordinator::cluster_state>();
  std::shared_ptr<const groups::cluster_catalog> catalog_ = std::make_shared<groups::cluster_catalog>();
  std::shared_ptr<const groups::group_timings> timings_ = std::make_shared<groups::group_timings>();
  replica_map replicas_;
  std::map<caf::actor_id, replica_key> keys_; // of running actors
  std::set<replica_key> held_up_; // by a folder of their name that is on its way out
  std::set<replica_key> want_checkpoint_;
  std::set<replica_key> want_compaction_;
  uint64_t compaction_number_ = 0; ///< of the timer that runs, where somebody wants compaction
  std::vector<reply<completed>> waiting_; // for everything that is opening now
  std::vector<reply<completed>> closing_;
  bool shutting_down_ = false;
  bool publishing_ = false; // a drain is on its way
};

/// The id of `__cluster`, which is in no record.
replica_key metadata_log_key();

} // namespace chisme::supervisor
