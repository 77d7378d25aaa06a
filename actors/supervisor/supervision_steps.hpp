// What a node's supervision is told, and what it wants done: the inputs and actions of the machine in supervision.hpp.
// Plain values.
#pragma once

#include "actors/broker_endpoint.hpp"
#include "actors/coordinator/messages.hpp"
#include "actors/groups/cluster_catalog.hpp"
#include "actors/groups/group_timings.hpp"
#include "actors/supervisor/messages.hpp"
#include "actors/supervisor/notice.hpp"
#include "actors/supervisor/timers.hpp"
#include "config/topic_settings.hpp"

#include <chrono>
#include <variant>
#include <vector>

namespace chisme::supervisor {

namespace input {

/// First of all.
struct begin {};
/// The cluster's metadata, the node's settings, or both are different. Numbers are not used twice.
struct cluster_change {
  std::shared_ptr<const coordinator::cluster_state> cluster;
  std::shared_ptr<const node_settings> settings;
  uint64_t number = 0;
};
/// It is no actor any more, told or not.
struct replica_ended {
  replica_key key;
  std::string reason;
};
/// A coordinator of groups that was not stopped has died.
struct groups_ended {
  replica_key key;
  std::string reason;
};
/// The answer to release_folder; empty: the name is free.
struct folder_released {
  replica_key key;
  std::string failure;
};
/// Folders that deletions of before this start left. Comes before the change that starts replicas of their names.
struct leftovers_found {
  struct folder {
    replica_key key;
    topic_partition name;
  };
  std::vector<folder> folders;
};
struct timer_due {
  any_timer what;
};
/// The answer to schedule_publication.
struct publication_due {};
/// End everything.
struct shut_down {};

} // namespace input

using supervision_input =
  std::variant<input::begin, input::cluster_change, replica_opened, replica_role, leader_claim, brokers_changed,
               input::replica_ended, input::groups_ended, input::folder_released, input::leftovers_found,
               checkpoint_wanted, compaction_wanted, input::timer_due, input::publication_due, input::shut_down>;

namespace action {

/// Start an actor for it; it opens the log.
struct start_replica {
  replica_key key;
  topic_partition name;
  topic_settings settings;
  bool existed = false;              ///< there should be a log
  std::vector<node_id> voters{};     ///< the nodes that are to hold the partition
  leader_epoch_t told_epoch = -1;    ///< the newest that was published
  bool is_of_another_folder = false; ///< the assignment names another data folder than this node's
  friend bool operator==(const start_replica&, const start_replica&) = default;
};
/// Its actor shall end: let go of the folder, which will be removed, or else sync and close the log.
struct stop_replica {
  replica_key key;
  bool remove = false;
  friend bool operator==(const stop_replica&, const stop_replica&) = default;
};
/// Its actor shall try to open the log again.
struct reopen_replica {
  replica_key key;
  friend bool operator==(const reopen_replica&, const reopen_replica&) = default;
};
enum class duty : uint8_t { housekeeping, checkpoint, compaction };
struct remind_replica {
  replica_key key;
  duty of = duty::housekeeping;
  friend bool operator==(const remind_replica&, const remind_replica&) = default;
};
/// This node leads the partition and shall hand that over.
struct hand_over {
  replica_key key;
  node_id to = -1;
  friend bool operator==(const hand_over&, const hand_over&) = default;
};
struct hand_settings {
  replica_key key;
  topic_settings settings;
  friend bool operator==(const hand_settings&, const hand_settings&) = default;
};
/// Have the folder removed, which nobody uses any more; answered by folder_released.
struct release_folder {
  replica_key key;
  topic_partition name;
  bool was_ours = false;
  friend bool operator==(const release_folder&, const release_folder&) = default;
};
/// See whether deletions left folders behind, where that has not been done.
struct look_for_leftovers {
  friend bool operator==(const look_for_leftovers&, const look_for_leftovers&) = default;
};
/// The replica leads a partition of the groups: start its coordinator.
struct start_groups {
  replica_key key;
  topic_partition name;
  partition::port_ptr log;
  leader_epoch_t epoch = -1; ///< in which it leads
  friend bool operator==(const start_groups&, const start_groups&) = default;
};
struct stop_groups {
  replica_key key;
  friend bool operator==(const stop_groups&, const stop_groups&) = default;
};
/// For the coordinators that run, and those that will.
struct hand_topics_to_groups {
  std::shared_ptr<const groups::cluster_catalog> topics;
  friend bool operator==(const hand_topics_to_groups&, const hand_topics_to_groups&) = default;
};
struct hand_timings_to_groups {
  std::shared_ptr<const groups::group_timings> timings;
  friend bool operator==(const hand_timings_to_groups&, const hand_timings_to_groups&) = default;
};
struct set_timer {
  std::chrono::milliseconds after{};
  any_timer what;
  friend bool operator==(const set_timer&, const set_timer&) = default;
};
/// Ask for publication_due behind everything that is on its way: thousands of replicas may change at once.
struct schedule_publication {
  friend bool operator==(const schedule_publication&, const schedule_publication&) = default;
};
/// Publish an image in which these topics are as they are now; those that the cluster does not have are gone.
struct publish {
  std::vector<uuid> topics;
  friend bool operator==(const publish&, const publish&) = default;
};
/// The replicas that the change concerns are open or have failed, and that is published.
struct answer_change {
  uint64_t number = 0;
  friend bool operator==(const answer_change&, const answer_change&) = default;
};
/// Every replica has ended.
struct answer_shut_down {
  friend bool operator==(const answer_shut_down&, const answer_shut_down&) = default;
};
/// The first attempt to open the metadata log has failed.
struct tell_metadata_log_failed {
  error_code code = error_code::none;
  friend bool operator==(const tell_metadata_log_failed&, const tell_metadata_log_failed&) = default;
};
/// The replica of the metadata log is open, or leads, or another one does.
struct tell_log_role {
  coordinator::log_role role;
  friend bool operator==(const tell_log_role&, const tell_log_role&) = default;
};
/// This node leads a partition that has replicas elsewhere: the other nodes are to know.
struct claim {
  replica_key key;
  leader_epoch_t epoch = -1;
  friend bool operator==(const claim&, const claim&) = default;
};
/// The topic is gone, and with it what was said of its leaders.
struct forget_claims {
  uuid topic;
  friend bool operator==(const forget_claims&, const forget_claims&) = default;
};

} // namespace action

using supervision_action =
  std::variant<action::start_replica, action::stop_replica, action::reopen_replica, action::remind_replica,
               action::hand_over, action::hand_settings, action::release_folder, action::look_for_leftovers,
               action::start_groups, action::stop_groups, action::hand_topics_to_groups, action::hand_timings_to_groups,
               action::set_timer, action::schedule_publication, action::publish, action::answer_change,
               action::answer_shut_down, action::tell_metadata_log_failed, action::tell_log_role, action::claim,
               action::forget_claims, notice>;
using supervision_actions = std::vector<supervision_action>;

} // namespace chisme::supervisor
