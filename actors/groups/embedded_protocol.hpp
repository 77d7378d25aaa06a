// What consumers of the classic protocol tell each other through JoinGroup and SyncGroup, as far as a broker reads it:
// to know a group's topics, and to let a group go on when it changes its protocol (KIP-848).
//
// Versions newer than the known ones only add fields behind those of older ones, and are read as the newest known.
#pragma once

#include "actors/groups/partition_set.hpp"
#include "actors/groups/topic_catalog.hpp"
#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/kafka/consumer_protocol.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chisme::groups {

/// The protocol type of consumers; only of theirs the bytes are understood.
inline constexpr std::string_view consumer_protocol = "consumer";

/// The topics of a consumer's subscription; nullopt for bytes that are none.
std::optional<std::vector<std::string>> subscribed_topics(const buffer& subscription);

/// Fails with INCONSISTENT_GROUP_PROTOCOL for bytes that are no subscription.
result<kafka::consumer_protocol_subscription> read_subscription(const buffer& bytes);

/// What the consumer had when it said so; topics that are not there any more are left out.
partition_set owned_partitions(const kafka::consumer_protocol_subscription& subscription, const topic_catalog& catalog);

/// No bytes are no partitions. Fails as read_subscription does.
result<partition_set> read_assignment(const buffer& bytes, const topic_catalog& catalog);

/// For a consumer whose subscription is `subscription`: in the version that it speaks.
buffer write_assignment(const partition_set& set, const buffer& subscription, const topic_catalog& catalog);

} // namespace chisme::groups
