#include "actors/groups/group_conversion.hpp"

#include "messages/kafka/consumer_protocol.hpp"
#include "messages/wire/codec.hpp"

namespace chisme::groups {

namespace {

using subscription_type = kafka::consumer_protocol_subscription;
using assignment_type = kafka::consumer_protocol_assignment;

constexpr std::string_view consumer_protocol_type = "consumer";
constexpr size_t version_size = 2;

tl::unexpected<error> no_consumers(std::string why) {
  return fail(error_code::inconsistent_group_protocol,
              "the group cannot change its protocol: " + std::move(why));
}

int16_t version_of(const buffer& bytes) {
  if (bytes.size() < version_size)
    return -1;
  return static_cast<int16_t>(std::to_integer<int>(bytes.data()[0]) << 8 |
                              std::to_integer<int>(bytes.data()[1]));
}

/// A newer version is read as the newest one that is known: what it adds comes last.
template <class T>
result<T> read_embedded(const buffer& bytes) {
  const auto version = version_of(bytes);
  if (version < 0)
    return no_consumers("a member's bytes are not those of a consumer");
  auto fields =
      chisme::decode<T>(bytes.slice(version_size), std::min(version, T::max_version), behind::anything);
  if (!fields)
    return no_consumers(fields.error().message);
  return fields;
}

buffer write_embedded(const assignment_type& assignment, int16_t version) {
  const auto fields = chisme::encode(assignment, version);
  const auto& body = std::get<buffer>(fields.parts().front());
  buffer_builder out{version_size + body.size()};
  out.data()[0] = static_cast<std::byte>(version >> 8);
  out.data()[1] = static_cast<std::byte>(version & 0xff);
  std::memcpy(out.data() + version_size, body.data(), body.size());
  return std::move(out).freeze();
}

const buffer* metadata_of(const std::vector<classic_member_metadata::protocol>& protocols,
                          std::string_view name) {
  for (const auto& p : protocols)
    if (p.name == name)
      return &p.metadata;
  return nullptr;
}

result<partition_set> read_assignment(const buffer& bytes, const topic_catalog& catalog) {
  if (bytes.empty())
    return partition_set{};
  const auto embedded = read_embedded<assignment_type>(bytes);
  if (!embedded)
    return tl::make_unexpected(embedded.error());
  std::vector<topic_partitions> topics;
  for (const auto& t : embedded->assigned_partitions)
    if (const auto* topic = catalog.find(t.topic))
      topics.push_back({topic->id, t.partitions});
  return to_set(topics);
}

buffer write_assignment(const partition_set& set, int16_t version, const topic_catalog& catalog) {
  assignment_type embedded;
  for (const auto& t : by_topic(set))
    if (const auto* topic = catalog.find(t.topic_id))
      embedded.assigned_partitions.push_back({topic->name, t.partitions});
  return write_embedded(embedded, version);
}

result<member_metadata_value> to_metadata(const classic_group_members::member& m,
                                          const std::string& protocol) {
  const auto* bytes = metadata_of(m.protocols, protocol);
  if (!bytes)
    return no_consumers("a member does not offer the protocol that the group uses");
  auto subscription = read_embedded<subscription_type>(*bytes);
  if (!subscription)
    return tl::make_unexpected(subscription.error());
  auto& topics = subscription->topics;
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return member_metadata_value{m.instance_id,
                               subscription->rack_id,
                               m.client_id,
                               m.client_host,
                               std::move(topics),
                               std::nullopt,
                               m.rebalance_timeout_ms,
                               std::nullopt,
                               classic_member_metadata{m.session_timeout_ms, m.protocols}};
}

/// The protocol that all support and most would choose first; empty if there is none.
std::string choose_protocol(const std::vector<classic_group_members::member>& members) {
  std::map<std::string, size_t> supporters;
  for (const auto& m : members)
    for (const auto& p : m.protocols)
      ++supporters[p.name];
  std::map<std::string, size_t> votes;
  for (const auto& m : members)
    for (const auto& p : m.protocols)
      if (supporters[p.name] == members.size()) {
        ++votes[p.name];
        break;
      }
  const auto most = std::max_element(votes.begin(), votes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? std::string{} : most->first;
}

} // namespace

result<std::vector<consumer_group_record>> to_consumer_group(const std::string& group,
                                                             const classic_group_members& classic,
                                                             const topic_catalog& catalog) {
  if (classic.protocol_type != consumer_protocol_type)
    return no_consumers("its members are no consumers, but \"" + classic.protocol_type + "\"");
  std::vector<consumer_group_record> members, targets, assignments;
  partition_set taken;
  for (const auto& m : classic.members) {
    auto metadata = to_metadata(m, classic.protocol);
    if (!metadata)
      return tl::make_unexpected(metadata.error());
    auto assigned = read_assignment(m.assignment, catalog);
    if (!assigned)
      return tl::make_unexpected(assigned.error());
    // A leader may have made any assignment, also one that gives a partition twice.
    const auto own = without(*assigned, taken);
    taken = together(taken, own);
    members.emplace_back(member_metadata_record{group, m.id, std::move(*metadata)});
    targets.emplace_back(
        target_assignment_record{group, m.id, target_assignment_member_value{by_topic(own)}});
    assignments.emplace_back(
        current_record(group, m.id, {classic.generation, classic.generation, member_state::stable, own, {}}));
  }
  auto& out = members;
  // Without the hash of the topics: the first heartbeat compares, and makes a new epoch.
  out.emplace_back(group_metadata_record{group, group_metadata_value{classic.generation, 0}});
  out.insert(out.end(), targets.begin(), targets.end());
  out.emplace_back(target_epoch_record{group, target_assignment_metadata_value{classic.generation}});
  out.insert(out.end(), assignments.begin(), assignments.end());
  return out;
}

result<classic_group_members> to_classic_group(const consumer_group_state& group, std::string_view leaving,
                                               const topic_catalog& catalog) {
  classic_group_members out;
  out.generation = group.epoch();
  out.protocol_type = consumer_protocol_type;
  for (const auto& [name, m] : group.members()) {
    if (name == leaving)
      continue;
    if (!m.is_classic())
      return no_consumers("the member " + name + " speaks the consumer protocol");
    const auto& classic = *m.metadata.classic;
    out.members.push_back({name, m.metadata.instance_id, m.metadata.client_id, m.metadata.client_host,
                           m.metadata.rebalance_timeout_ms, classic.session_timeout_ms,
                           classic.supported_protocols, buffer{}});
  }
  if (out.members.empty())
    return out;
  out.leader = out.members.front().id;
  out.protocol = choose_protocol(out.members);
  if (out.protocol.empty())
    return no_consumers("its members have no assignor in common");
  for (auto& m : out.members) {
    const auto version = version_of(*metadata_of(m.protocols, out.protocol));
    const auto known = std::clamp(version, assignment_type::min_version, assignment_type::max_version);
    m.assignment = write_assignment(group.find(m.id)->target, known, catalog);
  }
  return out;
}

} // namespace chisme::groups
