// A group that changes its protocol while its members go on (KIP-848): the same members, the same partitions,
// the epoch goes on from the generation and the generation from the epoch.
//
// Only groups of consumers can: what the members of a classic group tell each other must be the embedded
// protocol of consumers. Nothing is decided here about when a group converts.
#pragma once

#include "actors/groups/consumer_group_state.hpp"
#include "actors/groups/topic_catalog.hpp"

namespace chisme::groups {

/// A classic group as its record has it, and of each member all the protocols it offers.
struct classic_group_members {
  struct member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = -1;
    int32_t session_timeout_ms = 0;
    std::vector<classic_member_metadata::protocol> protocols; ///< the one the group uses is among them
    buffer assignment;
  };

  int32_t generation = 0;
  std::string protocol_type;
  std::string protocol; ///< that the group uses
  std::string leader;
  std::vector<member> members;
};

/// The records of the consumer group that goes on where the classic one was: its members still speak the
/// classic protocol. Fails with INCONSISTENT_GROUP_PROTOCOL for what are no consumers.
result<std::vector<consumer_group_record>> to_consumer_group(const std::string& group,
                                                             const classic_group_members& classic,
                                                             const topic_catalog& catalog);

/// The classic group that goes on where the consumer group was, without the member that leaves. Fails with
/// INCONSISTENT_GROUP_PROTOCOL while somebody else speaks the new protocol, and where the members have no
/// protocol in common.
result<classic_group_members> to_classic_group(const consumer_group_state& group, std::string_view leaving,
                                               const topic_catalog& catalog);

} // namespace chisme::groups
