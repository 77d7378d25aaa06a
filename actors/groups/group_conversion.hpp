// A group that changes its protocol while its members go on (KIP-848): the same members, the same partitions,
// the epoch goes on from the generation and the generation from the epoch.
//
// Only groups of consumers can: what the members of a classic group tell each other must be the embedded
// protocol of consumers. Nothing is decided here about when a group converts.
#pragma once

#include "actors/groups/consumer_group_state.hpp"
#include "actors/groups/topic_catalog.hpp"

namespace chisme::groups {

/// A classic group's members as they go on in a group of the other kind.
struct classic_group_members {
  struct member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = -1;
    int32_t session_timeout_ms = 0;
    std::vector<classic_member_metadata::protocol> protocols; ///< the one it likes best first
    buffer assignment;      ///< what it may still read from, whether it is to keep it or not
    int32_t generation = 0; ///< that it knows of
  };

  int32_t generation = 0;
  std::string protocol_type;
  std::string protocol; ///< that the group uses
  std::vector<member> members;
};

/// The records of the consumer group that goes on where the classic one was: its members still speak the
/// classic protocol. Fails with INCONSISTENT_GROUP_PROTOCOL for what are no consumers.
result<std::vector<consumer_group_record>>
to_consumer_group(const std::string& group, const classic_group_members& classic, const topic_catalog& catalog);

/// The classic group that goes on where the consumer group was; its members have to meet, as what they have is
/// not what a target gave them. Fails with INCONSISTENT_GROUP_PROTOCOL while somebody speaks the new protocol,
/// and where the members have no protocol in common.
result<classic_group_members> to_classic_group(const consumer_group_state& group, const topic_catalog& catalog);

} // namespace chisme::groups
