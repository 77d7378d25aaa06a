#include "actors/groups/embedded_protocol.hpp"

#include "actors/groups/versioned_bytes.hpp"

#include <algorithm>

namespace chisme::groups {

namespace {

using subscription_type = kafka::consumer_protocol_subscription;
using assignment_type = kafka::consumer_protocol_assignment;

template <class T>
result<T> read_embedded(const buffer& bytes) {
  const auto version = version_of(bytes);
  if (!version || *version < 0)
    return fail(error_code::inconsistent_group_protocol, "a member's bytes are not those of a consumer");
  auto fields = chisme::decode<T>(bytes.slice(sizeof(int16_t)), std::min(*version, T::max_version), behind::anything);
  if (!fields)
    return fail(error_code::inconsistent_group_protocol, fields.error().message);
  return fields;
}

/// Topics that the catalog does not know have no id; partitions that are not there are nobody's, whatever was said.
template <class Topics>
partition_set with_ids(const Topics& topics, const topic_catalog& catalog) {
  std::vector<topic_partitions> known;
  for (const auto& t : topics)
    if (const auto* topic = catalog.find(t.topic)) {
      known.push_back({topic->id, t.partitions});
      std::erase_if(known.back().partitions, [&](int32_t p) { return p < 0 || p >= topic->partitions; });
    }
  return to_set(known);
}

} // namespace

std::optional<std::vector<std::string>> subscribed_topics(const buffer& subscription) {
  auto read = read_subscription(subscription);
  if (!read)
    return std::nullopt;
  return std::move(read->topics);
}

result<subscription_type> read_subscription(const buffer& bytes) { return read_embedded<subscription_type>(bytes); }

partition_set owned_partitions(const subscription_type& subscription, const topic_catalog& catalog) {
  return with_ids(subscription.owned_partitions, catalog);
}

result<partition_set> read_assignment(const buffer& bytes, const topic_catalog& catalog) {
  if (bytes.empty())
    return partition_set{};
  const auto embedded = read_embedded<assignment_type>(bytes);
  if (!embedded)
    return tl::make_unexpected(embedded.error());
  return with_ids(embedded->assigned_partitions, catalog);
}

buffer write_assignment(const partition_set& set, const buffer& subscription, const topic_catalog& catalog) {
  assignment_type embedded;
  for (const auto& t : by_topic(set))
    if (const auto* topic = catalog.find(t.topic_id))
      embedded.assigned_partitions.push_back({topic->name, t.partitions});
  const auto spoken = version_of(subscription).value_or(assignment_type::min_version);
  return write_versioned(embedded, std::clamp(spoken, assignment_type::min_version, assignment_type::max_version));
}

} // namespace chisme::groups
