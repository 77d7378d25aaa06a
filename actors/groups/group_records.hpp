// The records of a partition of `__consumer_offsets`, in Kafka's own formats, so that its tools can read them.
//
// Each record is the whole state of one thing (a committed offset, a group) under the key of that thing, and no value
// removes it. So the topic may be compacted, and replay is: put or erase. The id of an offset's topic stands in a
// header: the version of the value that has a place for it is not known to all tools yet.
#pragma once

#include "actors/groups/consumer_group_records.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/group_records.hpp"

#include <optional>
#include <string>
#include <variant>

namespace chisme::groups {

struct committed_offset {
  offset_t offset = -1;
  leader_epoch_t leader_epoch = -1;
  std::string metadata;
  timestamp_ms commit_timestamp = -1;
  timestamp_ms expire_timestamp = -1; ///< -1: by the retention time; only old records have another
  uuid topic_id{};                    ///< zero: not known, in records of other brokers

  friend bool operator==(const committed_offset&, const committed_offset&) = default;
};

/// Put the offset, or remove it.
struct offset_record {
  std::string group;
  std::string topic;
  partition_index partition = 0;
  std::optional<committed_offset> value;

  friend bool operator==(const offset_record&, const offset_record&) = default;
};

/// Put the group, or remove it.
struct classic_group_record {
  std::string group;
  std::optional<kafka::group_metadata_value> value;

  friend bool operator==(const classic_group_record&, const classic_group_record&) = default;
};

using group_record = std::variant<offset_record, classic_group_record, consumer_group_record>;

journal::entry encode(const group_record& record);

/// nullopt for a kind of record that this version does not know; an error for bytes that do not parse.
result<std::optional<group_record>> decode(const journal::entry& entry);

} // namespace chisme::groups
