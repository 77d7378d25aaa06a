// What a node's supervisor is told.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/partition/port.hpp"
#include "actors/reply.hpp"
#include "config/node_settings.hpp"

#include <compare>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

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
  /// Told from then on when the metadata log was opened anew: the replica that led it so far is gone.
  std::function<void(partition::port_ptr)> log_reopened{};
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
