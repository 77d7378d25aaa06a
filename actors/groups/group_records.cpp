#include "actors/groups/group_records.hpp"

#include "actors/groups/versioned_bytes.hpp"

#include <cstring>
#include <span>

namespace chisme::groups {

namespace {

using decoded = result<std::optional<group_record>>;

// What a key's int16 says the record is about: numbers on disk, Kafka's.
constexpr int16_t old_offset_key = 0, offset_key = 1, classic_group_key = 2;

// Which format of the value is written. One that has an expiry of its own is only kept in the version that has it.
constexpr int16_t plain_offset_value = 3, expiring_offset_value = 1;
constexpr int16_t classic_group_value_version = 3;

constexpr std::string_view topic_id_header = "topic-id";

int16_t value_version_of(const committed_offset& o) {
  return o.expire_timestamp == -1 ? plain_offset_value : expiring_offset_value;
}

void write_topic_id(const uuid& id, journal::entry& to) {
  if (!id.is_zero())
    to.headers.push_back({std::string{topic_id_header}, buffer::copy_of(std::as_bytes(std::span{id.bytes}))});
}

/// Zero where there is none.
uuid read_topic_id(const journal::entry& from) {
  uuid id;
  for (const auto& h : from.headers)
    if (h.key == topic_id_header && h.value.size() == id.bytes.size())
      std::memcpy(id.bytes.data(), h.value.data(), id.bytes.size());
  return id;
}

journal::entry encode_one(const offset_record& r) {
  journal::entry out{write_versioned(kafka::offset_commit_key{r.group, r.topic, r.partition}, offset_key),
                     std::nullopt};
  if (!r.value)
    return out;
  kafka::offset_commit_value value;
  value.offset = r.value->offset;
  value.leader_epoch = r.value->leader_epoch;
  value.metadata = r.value->metadata;
  value.commit_timestamp = r.value->commit_timestamp;
  value.expire_timestamp = r.value->expire_timestamp;
  out.value = write_versioned(value, value_version_of(*r.value));
  write_topic_id(r.value->topic_id, out);
  return out;
}

journal::entry encode_one(const classic_group_record& r) {
  journal::entry out{write_versioned(kafka::group_metadata_key{r.group}, classic_group_key), std::nullopt};
  if (r.value)
    out.value = write_versioned(*r.value, classic_group_value_version);
  return out;
}

decoded decode_offset(const journal::entry& entry) {
  auto k = read_versioned<kafka::offset_commit_key>(entry.key);
  if (!k)
    return tl::make_unexpected(k.error());
  offset_record record{std::move(k->group), std::move(k->topic), k->partition, std::nullopt};
  if (!entry.value)
    return group_record{std::move(record)};
  auto v = read_versioned<kafka::offset_commit_value>(*entry.value);
  if (!v)
    return tl::make_unexpected(v.error());
  const auto topic_id = v->topic_id.is_zero() ? read_topic_id(entry) : v->topic_id;
  record.value = {v->offset,           v->leader_epoch,     std::move(v->metadata),
                  v->commit_timestamp, v->expire_timestamp, topic_id};
  return group_record{std::move(record)};
}

decoded decode_classic_group(const buffer& key, const std::optional<buffer>& value) {
  auto k = read_versioned<kafka::group_metadata_key>(key);
  if (!k)
    return tl::make_unexpected(k.error());
  classic_group_record record{std::move(k->group), std::nullopt};
  if (!value)
    return group_record{std::move(record)};
  auto v = read_versioned<kafka::group_metadata_value>(*value);
  if (!v)
    return tl::make_unexpected(v.error());
  record.value = std::move(*v);
  for (auto& m : record.value->members) {
    if (m.rebalance_timeout == -1)
      m.rebalance_timeout = m.session_timeout;
    // A slice would keep the whole block alive that the log was read into.
    m.subscription = buffer::copy_of(m.subscription.view());
    m.assignment = buffer::copy_of(m.assignment.view());
  }
  return group_record{std::move(record)};
}

journal::entry encode_one(const consumer_group_record& r) { return encode(r); }

decoded decode_consumer_group(int16_t kind, const buffer& key, const std::optional<buffer>& value) {
  auto record = decode_consumer_group_record(kind, key.slice(sizeof kind, key.size() - sizeof kind), value);
  if (!record)
    return tl::make_unexpected(record.error());
  return group_record{std::move(*record)};
}

} // namespace

journal::entry encode(const group_record& record) {
  return std::visit([](const auto& r) { return encode_one(r); }, record);
}

decoded decode(const journal::entry& entry) {
  const auto kind = version_of(entry.key);
  if (!kind)
    return fail(error_code::corrupt_message, "a record of a group without the kind of its key");
  switch (*kind) {
    case old_offset_key:
    case offset_key:
      return decode_offset(entry);
    case classic_group_key:
      return decode_classic_group(entry.key, entry.value);
    default:
      if (is_consumer_group_record(*kind))
        return decode_consumer_group(*kind, entry.key, entry.value);
      return std::nullopt;
  }
}

} // namespace chisme::groups
