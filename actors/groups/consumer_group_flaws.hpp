// Mistakes that the simulation plants, to see that it would find them. The program plants none.
#pragma once

#include <cstdint>

namespace chisme::groups {

enum class flaw : uint8_t {
  none,
  takes_held_partitions,         ///< assigns partitions without looking whether somebody has them
  believes_in_revocation,        ///< takes a member that says nothing of its partitions for one that gave them up
  believes_late_requests,        ///< takes what a repeated request says for what the member has now
  frees_while_revoking,          ///< lets partitions go when the member is told, not when it has done it
  forgets_to_log,                ///< changes a member's assignment without a record
  keeps_the_leaver,              ///< does not write the tombstone of a member that left
  no_new_epoch_on_leave,         ///< leaves the target as it is when a member goes
  shares_instance_ids,           ///< lets a second process join as an instance that is still there
  deaf_to_heartbeats,            ///< does not put off the end of the session
  never_ends_rebalances,         ///< waits for revocations without an end
  restless,                      ///< finds the topics changed at each heartbeat
  deaf_to_classic_members,       ///< does not put off the end of a session for Heartbeat
  believes_that_joiners_gave_up, ///< takes JoinGroup for a proof that the member has nothing
  commits_of_any_epoch,          ///< does not look at the epoch of a commit
};

} // namespace chisme::groups
