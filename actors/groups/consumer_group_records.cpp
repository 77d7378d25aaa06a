#include "actors/groups/consumer_group_records.hpp"

#include "messages/wire/codec.hpp"

namespace chisme::groups {

namespace {

constexpr int16_t newest_version = 0;
constexpr size_t prefix_size = 2;

/// A number of two bytes (a key's type, a value's version), then the fields.
template <class T>
buffer prefixed(int16_t number, const T& message) {
  const auto fields = chisme::encode(message, number);
  const auto& body = std::get<buffer>(fields.parts().front());
  buffer_builder out{prefix_size + body.size()};
  out.data()[0] = static_cast<std::byte>(number >> 8);
  out.data()[1] = static_cast<std::byte>(number & 0xff);
  std::memcpy(out.data() + prefix_size, body.data(), body.size());
  return std::move(out).freeze();
}

template <class T>
result<T> read_value(const buffer& bytes) {
  if (bytes.size() < prefix_size)
    return fail(error_code::corrupt_message, "a group record without a version");
  const auto version =
    static_cast<int16_t>(std::to_integer<int>(bytes.data()[0]) << 8 | std::to_integer<int>(bytes.data()[1]));
  return chisme::decode<T>(bytes.slice(prefix_size), version);
}

template <int16_t Type, class Value>
consumer_group_record_key key_of(const group_wide_record<Type, Value>& r) {
  return {r.group, {}};
}
template <int16_t Type, class Value>
consumer_group_record_key key_of(const group_part_record<Type, Value>& r) {
  return {r.group, r.name};
}

template <int16_t Type, class Value>
void set_key(group_wide_record<Type, Value>& r, consumer_group_record_key&& key) {
  r.group = std::move(key.group);
}
template <int16_t Type, class Value>
void set_key(group_part_record<Type, Value>& r, consumer_group_record_key&& key) {
  r.group = std::move(key.group);
  r.name = std::move(key.name);
}

template <class Record>
result<consumer_group_record> read(const buffer& key, const std::optional<buffer>& value) {
  auto fields = chisme::decode<consumer_group_record_key>(key, Record::type);
  if (!fields)
    return tl::make_unexpected(fields.error());
  Record record;
  set_key(record, std::move(*fields));
  if (value) {
    auto read = read_value<typename Record::value_type>(*value);
    if (!read)
      return tl::make_unexpected(read.error());
    record.value = std::move(*read);
  }
  return consumer_group_record{std::move(record)};
}

} // namespace

const std::string& group_of(const consumer_group_record& record) {
  return std::visit([](const auto& r) -> const std::string& { return r.group; }, record);
}

journal::entry encode(const consumer_group_record& record) {
  return std::visit(
    [](const auto& r) {
      journal::entry out{prefixed(r.type, key_of(r)), std::nullopt};
      if (r.value)
        out.value = prefixed(newest_version, *r.value);
      return out;
    },
    record);
}

bool is_consumer_group_record(int16_t key_type) {
  return (key_type >= group_metadata_type && key_type <= current_member_assignment_type) ||
         key_type == regular_expression_type;
}

result<consumer_group_record> decode_consumer_group_record(int16_t key_type, const buffer& key,
                                                           const std::optional<buffer>& value) {
  switch (key_type) {
    case group_metadata_type:
      return read<group_metadata_record>(key, value);
    case partition_metadata_type:
      return read<partition_metadata_record>(key, value);
    case member_metadata_type:
      return read<member_metadata_record>(key, value);
    case target_assignment_metadata_type:
      return read<target_epoch_record>(key, value);
    case target_assignment_member_type:
      return read<target_assignment_record>(key, value);
    case current_member_assignment_type:
      return read<current_assignment_record>(key, value);
    case regular_expression_type:
      return read<regular_expression_record>(key, value);
    default:
      return fail(error_code::corrupt_message,
                  "no record of a consumer group has the type " + std::to_string(key_type));
  }
}

} // namespace chisme::groups
