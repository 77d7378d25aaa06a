// The records of consumer groups (KIP-848) in `__consumer_offsets`: each is the whole state of one thing
// under the key of that thing, no value removes it. Replay is: put or erase.
#pragma once

#include "actors/journal/entry.hpp"
#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/groups/consumer_group_records.hpp"

#include <variant>

namespace chisme::groups {

/// About a group as a whole.
template <int16_t Type, class Value>
struct group_wide_record {
  static constexpr int16_t type = Type;
  using value_type = Value;

  std::string group;
  std::optional<Value> value;
  friend bool operator==(const group_wide_record&, const group_wide_record&) = default;
};

/// About a member of a group, or about one of its regular expressions.
template <int16_t Type, class Value>
struct group_part_record {
  static constexpr int16_t type = Type;
  using value_type = Value;

  std::string group;
  std::string name; ///< the member's id, or the regular expression
  std::optional<Value> value;
  friend bool operator==(const group_part_record&, const group_part_record&) = default;
};

using group_metadata_record = group_wide_record<group_metadata_type, group_metadata_value>;
using partition_metadata_record = group_wide_record<partition_metadata_type, partition_metadata_value>;
using member_metadata_record = group_part_record<member_metadata_type, member_metadata_value>;
using target_epoch_record = group_wide_record<target_assignment_metadata_type, target_assignment_metadata_value>;
using target_assignment_record = group_part_record<target_assignment_member_type, target_assignment_member_value>;
using current_assignment_record = group_part_record<current_member_assignment_type, current_member_assignment_value>;
using regular_expression_record = group_part_record<regular_expression_type, regular_expression_value>;

using consumer_group_record =
  std::variant<group_metadata_record, partition_metadata_record, member_metadata_record, target_epoch_record,
               target_assignment_record, current_assignment_record, regular_expression_record>;

const std::string& group_of(const consumer_group_record& record);

/// The key with the type in front, the value with the version.
journal::entry encode(const consumer_group_record& record);

/// Whether decode_consumer_group_record knows keys of this type.
bool is_consumer_group_record(int16_t key_type);

/// `key` is what follows the key's type, `value` the whole value. Fails for bytes that do not parse and for
/// types that are none of a consumer group's.
result<consumer_group_record> decode_consumer_group_record(int16_t key_type, const buffer& key,
                                                           const std::optional<buffer>& value);

} // namespace chisme::groups
