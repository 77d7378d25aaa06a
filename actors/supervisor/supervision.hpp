// What runs on this node, what should, and what is done about the difference. Pure: it is told what happened and says
// what shall be done; supervisor_actor does it and tells how that went.
//
//   held_up --> running --> pausing --> running ...      one that dies is started again after growing pauses
//                  |           |
//                  v           v
//             letting_go --> releasing <--> release_pausing        the topic was deleted: the folder has to go
//
// A replica that the node shall not hold any more is dismissed: it ends, and its folder stays.
//
// Who leads a partition is known from the replica here (replica_role), or where there is none from what its leader says
// of itself (leader_claim). Of two the one of the newer epoch is right, and no epoch ever goes back.
//
// Invariants: nobody waits for more than the first attempts to open the replicas that his change starts. A folder has
// one user: a replica waits (held_up) while another topic's folder of its name is on its way out. What a change of one
// topic costs depends on that topic, not on how many there are; only a change of the node's topic defaults looks at
// all.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/retry_delay.hpp"
#include "actors/supervisor/supervision_steps.hpp"

#include <map>
#include <random>
#include <set>

namespace chisme::supervisor {

/// The id of `__cluster`, which is in no record.
replica_key metadata_log_key();

/// Where a node stands in its cluster.
struct cluster_place {
  /// The nodes that vote in `__cluster`; empty: this one alone.
  std::vector<node_id> voters{};
  /// There may be other nodes: they are told what is led here.
  bool has_peers = false;
  /// That of this node's data; zero: not known.
  uuid folder{};
  /// It is the one with which this node took part when the cluster was formed: what it does not say of `__cluster` was
  /// never said. A folder that came later may stand for one that was lost.
  bool is_founder = true;
};

class supervision {
public:
  /// Leaders of partitions of topics that the metadata does not have yet.
  static constexpr size_t most_early_claims = 100'000;

  /// Between attempts to open a replica, to start it again, to remove its folder.
  static constexpr std::chrono::milliseconds first_pause{100};
  static constexpr std::chrono::milliseconds longest_pause{30'000};
  /// How long a replica may put off its checkpoint.
  static constexpr std::chrono::seconds checkpoint_interval{5};
  /// Partitions whose leadership is handed over at the same time: their clients look for the new leaders.
  static constexpr size_t most_handed_over = 100;
  /// How long a node that ends waits until others lead what it led.
  static constexpr std::chrono::milliseconds longest_farewell{500};

  /// `seed`: of the spread of attempts that would come together.
  supervision(node_id self, std::shared_ptr<const node_settings> settings, uint64_t seed, cluster_place place = {});

  /// `out` gets the actions in the order in which they are to be done. `now` never goes back.
  void step(timestamp_ms now, const supervision_input& in, supervision_actions& out);

  const std::shared_ptr<const coordinator::cluster_state>& cluster() const { return cluster_; }
  const std::shared_ptr<const node_settings>& settings() const { return settings_; }
  /// What there is to publish of a topic's partitions. Who coordinates their groups is not known here.
  std::vector<partition_image> partitions_of(const coordinator::topic_state& topic) const;
  /// Who leads `__cluster`, as far as is known; -1: nobody knows.
  node_id controller() const { return log_role_.leader; }

private:
  enum class phase : uint8_t { held_up, running, pausing, letting_go, dismissed, releasing, release_pausing };

  struct known_leader {
    node_id leader = -1;
    leader_epoch_t epoch = -1;
  };
  using leaders = std::map<replica_key, known_leader>;

  struct replica {
    topic_partition name;
    phase at = phase::pausing;
    bool existed = false; ///< the topic is older than this start of the node
    bool was_open = false;
    bool folder_stays = false; ///< it could not be removed so far
    bool timer_runs = false;
    bool groups_run = false;
    bool may_be_handed_over = false;      ///< the preferred leader was in sync at the last look
    std::string told;                     ///< why it cannot be opened, as it was said last
    std::optional<uint64_t> awaited_by{}; ///< the change that is answered after its first attempt
    std::optional<timestamp_ms> serves_since{};
    timestamp_ms groups_since = 0;
    partition_image image;
    retry_delay pause{first_pause, longest_pause};
    retry_delay groups_pause{first_pause, longest_pause};
  };
  using replica_map = std::map<replica_key, replica>;

  /// One step: when it happens, and where the actions go.
  struct context {
    timestamp_ms now;
    supervision_actions& out;
  };

  void on(const input::begin&, context c);
  void on(const input::cluster_change& x, context c);
  void on(const replica_opened& x, context c);
  void on(const replica_role& x, context c);
  void on(const leader_claim& x, context c);
  void on(const brokers_changed&, context c);
  void on(const input::replica_ended& x, context c);
  void on(const input::groups_ended& x, context c);
  void on(const input::folder_released& x, context c);
  void on(const input::leftovers_found& x, context c);
  void on(const checkpoint_wanted& x, context c);
  void on(const compaction_wanted& x, context c);
  void on(const input::timer_due& x, context c);
  void on(const input::publication_due&, context c);
  void on(const input::shut_down&, context c);

  void on_timer(const timer::attempt& t, context c);
  void on_timer(const timer::groups_attempt& t, context c);
  void on_timer(const timer::checkpoint&, context c);
  void on_timer(const timer::compaction& t, context c);
  void on_timer(const timer::housekeeping&, context c);
  void on_timer(const timer::balance&, context c);
  void on_timer(const timer::farewell&, context c);

  // -- changes (supervision_changes.cpp) ---------------------------------------------------------------------------

  struct topic_change;
  std::vector<topic_change> changed_topics(const coordinator::cluster_state& before) const;
  void change_settings(std::shared_ptr<const node_settings> next, context c);
  void tell_groups(const std::vector<topic_change>& changes, context c);
  void hand_out_timings(context c);
  void adopt_settings(const uuid& topic, context c);
  void start_missing(const coordinator::topic_state& topic, uint64_t change, context c);
  void stop_all_of(const uuid& topic, context c);
  void stop(const replica_key& key, replica& r, context c);
  void dismiss_unassigned(const coordinator::topic_state& topic, context c);
  bool is_assigned(const replica_key& key) const;

  // -- leaders (supervision_leaders.cpp) ---------------------------------------------------------------------------

  void lead(const replica_key& key, replica& r, leader_epoch_t epoch, partition::port_ptr port, context c);
  void cease_to_lead(const replica_key& key, replica& r, context c);
  void tell_log_role(const coordinator::log_role& next, context c);
  void log_is_open(const replica_opened& x, context c);
  void log_role_is(const replica_role& x, context c);
  void log_is_claimed(const leader_claim& x, context c);
  void note_leader_elsewhere(const leader_claim& x, context c);
  void take_early_claims(const uuid& topic);
  void forget_leaders(const uuid& topic, context c);

  // -- balance (supervision_balance.cpp) ---------------------------------------------------------------------------

  void arm_balance(context c) const;
  void begin_to_leave(context c);
  std::optional<node_id> heir_of(const replica_key& key, const replica& r) const;
  void is_led_elsewhere(const replica_key& key, context c);
  void end_all(context c);
  bool is_for_another_one(const replica_key& key, const replica& r) const;

  // -- replicas (supervision_replicas.cpp) -------------------------------------------------------------------------

  void start(const replica_key& key, replica& r, context c);
  void heed_outcome(const replica_key& key, replica& r, const replica_opened& x, context c);
  void dismissed_one_ended(const replica_key& key, replica& r, context c);
  void died(const replica_key& key, replica& r, const std::string& reason, context c);
  void start_groups(const replica_key& key, replica& r, context c);
  void stop_groups(const replica_key& key, replica& r, context c);
  void release(const replica_key& key, replica& r, context c);
  std::chrono::milliseconds try_again(const replica_key& key, replica& r, context c);

  replica* find(const replica_key& key);
  replica& add(const replica_key& key, topic_partition name);
  void forget(const replica_key& key, const replica& r);
  std::vector<replica_key> others_of_name(const topic_partition& name, const replica_key& but) const;
  const replica* holder_of(const topic_partition& name, const replica_key& but) const;
  const topic_settings& settings_of(const replica_key& key) const;
  const std::vector<node_id>& voters_of(const replica_key& key) const;
  bool is_of_another_folder(const replica_key& key) const;

  // -- who is told -------------------------------------------------------------------------------------------------

  void touch(const replica_key& key);
  void attempted(replica& r, context c);
  void finish_one(uint64_t change, context c);
  void publish(context c);
  void publish_soon(context c);
  void remind(const std::set<replica_key>& who, action::duty of, context c);
  void arm_compaction(context c);

  node_id self_;
  cluster_place place_;
  std::shared_ptr<const node_settings> settings_;
  std::mt19937_64 random_;
  std::shared_ptr<const coordinator::cluster_state> cluster_ = std::make_shared<coordinator::cluster_state>();
  groups::cluster_catalog catalog_;
  std::map<uuid, topic_settings> topic_settings_; ///< the effective ones of each topic
  replica_map replicas_;
  std::set<std::pair<topic_partition, replica_key>> names_; ///< of all replicas
  leaders elsewhere_;                                       ///< of partitions without a replica here
  leaders early_;                                           ///< of topics that are not known yet
  coordinator::log_role log_role_;                          ///< as it was told last
  size_t running_ = 0;                                      ///< actors
  std::map<uint64_t, size_t> awaited_; ///< by change: replicas that have not made their first attempt
  std::set<uuid> unpublished_;         ///< topics that are different from what is published
  bool nodes_differ_ = false;          ///< the brokers or the controller are
  std::set<replica_key> want_checkpoint_;
  std::set<replica_key> want_compaction_;
  uint64_t compaction_number_ = 0; ///< of the timer that runs, where somebody wants compaction
  bool replayed_ = false;          ///< the first change, which tells of the time before this start, has come
  bool metadata_log_told_ = false;
  bool publication_is_scheduled_ = false;
  std::set<replica_key> handing_over_; ///< before this node ends
  bool leaving_ = false;
  bool shutting_down_ = false;
};

} // namespace chisme::supervisor
