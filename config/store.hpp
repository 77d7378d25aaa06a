// The functions that rows of the options table store with: a field named by its member pointer.
#pragma once

#include "config/option.hpp"

#include <array>

namespace chisme::rows {

inline constexpr int64_t ms_per_minute = 60'000;
inline constexpr int64_t ms_per_hour = 3'600'000;

template <class Owner>
Owner& owner_of(option_target target) {
  if constexpr (std::is_same_v<Owner, topic_settings>)
    return *target.topic;
  else if constexpr (std::is_same_v<Owner, group_timing>)
    return *target.group;
  else
    return *target.node;
}

template <class Owner, class Field>
Owner owner_type(Field Owner::*);

/// Stores a value of the option's type into the field, as it is.
template <auto Member>
result<void> into(option_target target, const option_value& value) {
  auto& field = owner_of<decltype(owner_type(Member))>(target).*Member;
  using field_type = std::remove_reference_t<decltype(field)>;
  if constexpr (std::is_same_v<field_type, bool>)
    field = std::get<bool>(value);
  else if constexpr (std::is_integral_v<field_type>)
    field = static_cast<field_type>(std::get<int64_t>(value)); // bounded by the option's type
  else
    field = std::get<field_type>(value);
  return {};
}

/// Stores an enumeration: the position of the text among `Choices` is its number.
template <auto Member, const auto& Choices>
result<void> choice_into(option_target target, const option_value& value) {
  auto& field = owner_of<decltype(owner_type(Member))>(target).*Member;
  for (size_t i = 0; i < Choices.size(); ++i)
    if (Choices[i] == std::get<std::string>(value))
      field = static_cast<std::remove_reference_t<decltype(field)>>(i);
  return {};
}

/// Stores a time given in a coarser unit as milliseconds; -1 stays -1, no limit.
template <auto Member, int64_t MsPerUnit>
result<void> ms_into(option_target target, const option_value& value) {
  auto units = std::get<int64_t>(value);
  owner_of<decltype(owner_type(Member))>(target).*Member = units < 0 ? no_limit : units * MsPerUnit;
  return {};
}

/// compression.gzip.level and its like.
template <auto Member>
result<void> level_into(option_target target, const option_value& value) {
  const auto level = std::get<int64_t>(value);
  if (Member == &compression_levels::gzip && level == 0)
    return fail(error_code::invalid_config, "\"0\" is not an integer from 1 to 9, or -1");
  target.topic->levels.*Member = static_cast<int32_t>(level); // bounded by the option
  return {};
}

/// cleanup.policy and log.cleanup.policy; an empty one keeps everything.
inline result<void> store_cleanup_policy(option_target target, const option_value& value) {
  target.topic->cleanup_delete = target.topic->cleanup_compact = false;
  for (auto& word : std::get<std::vector<std::string>>(value))
    (word == "compact" ? target.topic->cleanup_compact : target.topic->cleanup_delete) = true;
  return {};
}

using namespace std::string_view_literals;

// In the order of the enumerations that they name.
inline constexpr std::array flush_modes{"sync"sv, "lazy"sv};
inline constexpr std::array compressions{"producer"sv, "uncompressed"sv, "gzip"sv, "snappy"sv, "lz4"sv, "zstd"sv};
inline constexpr std::array timestamp_types{"CreateTime"sv, "LogAppendTime"sv};
inline constexpr std::array log_levels{"trace"sv, "debug"sv, "info"sv, "warn"sv, "error"sv};
inline constexpr std::array cleanup_policies{"delete"sv, "compact"sv};
inline constexpr std::array consumer_assignors{"uniform"sv, "range"sv};
inline constexpr std::array migration_policies{"disabled"sv, "downgrade"sv, "upgrade"sv, "bidirectional"sv};

} // namespace chisme::rows
