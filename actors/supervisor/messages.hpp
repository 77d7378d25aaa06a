// What a node's supervisor is told.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/partition/port.hpp"
#include "actors/reply.hpp"
#include "config/node_settings.hpp"

#include <compare>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace chisme::supervisor {

/// A replica on this node; a topic that is deleted and made again has another id.
struct replica_key {
  uuid topic_id;
  partition_index partition = 0;

  friend auto operator<=>(const replica_key&, const replica_key&) = default;
};

/// Ids of topics.
using topic_ids = std::unordered_set<uuid>;

struct completed {
  static completed lost() { return {}; }
};

/// The cluster's metadata changed. Answered when every replica that this change starts is open or has failed its
/// first attempt, and the new image is published.
struct cluster_changed {
  std::shared_ptr<const coordinator::cluster_state> cluster;
  std::shared_ptr<const node_settings> settings;
  reply<completed> applied;
  /// Of the topics whose deletion stands in the metadata log. Set after a replay; null: they were told before.
  std::shared_ptr<const topic_ids> deleted{};
};

/// A replica tells how its start went.
struct replica_opened {
  replica_key key;
  error_code code = error_code::none;
  leader_epoch_t leader_epoch = -1;
  partition::port_ptr port{}; ///< set where code is none
  std::string why{};          ///< set where it is another one
  /// The log could not be opened, and not because of what is in it: another attempt may succeed.
  bool may_pass = false;
  /// There are others of the partition: whether it leads is told by replica_role. Who is alone leads when it is open.
  bool has_others = false;
};

/// Of a replica here, one of several: who leads, as it knows. Told when something of it is different.
struct replica_role {
  replica_key key;
  leader_epoch_t epoch = -1;
  node_id leader = -1;            ///< -1: it knows of none
  partition::port_ptr port{};     ///< set where it leads and serves: everything of earlier epochs is committed
  std::vector<node_id> in_sync{}; ///< set where it leads
};

/// Of any partition: who leads, as its leader says and the membership spreads.
struct leader_claim {
  replica_key key;
  node_id leader = -1;
  leader_epoch_t epoch = -1;

  friend bool operator==(const leader_claim&, const leader_claim&) = default;
};

/// A replica has appended since its last checkpoint and wants to be reminded to take one.
struct checkpoint_wanted {
  replica_key key;
};

/// A replica has closed segments that are not compacted and wants to be reminded to look at them.
struct compaction_wanted {
  replica_key key;
};

/// Close everything, cleanly: answered when every replica has synced and closed its log.
struct shut_down {
  reply<completed> closed;
};

} // namespace chisme::supervisor
