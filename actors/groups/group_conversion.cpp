#include "actors/groups/group_conversion.hpp"

#include "actors/groups/embedded_protocol.hpp"

#include <set>

namespace chisme::groups {

namespace {

tl::unexpected<error> no_consumers(const std::string& why) {
  return fail(error_code::inconsistent_group_protocol, "the group cannot change its protocol: " + why);
}

/// What a member says under the group's protocol; under the one it likes best where it has just turned away from that.
const buffer* metadata_of(const classic_group_members::member& m, const std::string& protocol) {
  for (const auto& p : m.protocols)
    if (p.name == protocol)
      return &p.metadata;
  return m.protocols.empty() ? nullptr : &m.protocols.front().metadata;
}

/// What each member may read from: what the last generation gave it, and what it had when it joined that. A cooperative
/// consumer may not have heard yet, or not have done, what the generation asks it to give up.
/// A leader may have made any assignment, also one that gives a partition twice: here it is held once.
result<std::vector<partition_set>> who_has_what(const classic_group_members& classic, const topic_catalog& catalog) {
  std::vector<partition_set> out(classic.members.size());
  std::set<assigned_partition> taken; // clients chose them: hashes could collide
  const auto hold = [&](size_t member, const partition_set& partitions) {
    partition_set own;
    for (const auto& p : partitions)
      if (taken.insert(p).second)
        own.push_back(p);
    out[member] = together(out[member], own);
  };
  for (size_t i = 0; i < out.size(); ++i) {
    const auto assigned = read_assignment(classic.members[i].assignment, catalog);
    if (!assigned)
      return no_consumers(assigned.error().message);
    hold(i, *assigned);
  }
  for (size_t i = 0; i < out.size(); ++i)
    if (const auto* bytes = metadata_of(classic.members[i], classic.protocol))
      if (const auto subscription = read_subscription(*bytes))
        hold(i, owned_partitions(*subscription, catalog));
  return out;
}

result<member_metadata_value> to_metadata(const classic_group_members::member& m, const std::string& protocol) {
  const auto* bytes = metadata_of(m, protocol);
  if (!bytes)
    return no_consumers("a member offers no protocol");
  auto subscription = read_subscription(*bytes);
  if (!subscription)
    return no_consumers(subscription.error().message);
  auto& topics = subscription->topics;
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  return member_metadata_value{
    m.instance_id,          subscription->rack_id, m.client_id,
    m.client_host,          std::move(topics),     std::nullopt,
    m.rebalance_timeout_ms, std::nullopt,          classic_member_metadata{m.session_timeout_ms, m.protocols}};
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
  const auto most =
    std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? std::string{} : most->first;
}

} // namespace

result<std::vector<consumer_group_record>>
to_consumer_group(const std::string& group, const classic_group_members& classic, const topic_catalog& catalog) {
  if (classic.protocol_type != consumer_protocol)
    return no_consumers("its members are no consumers, but \"" + classic.protocol_type + "\"");
  const auto holdings = who_has_what(classic, catalog);
  if (!holdings)
    return tl::make_unexpected(holdings.error());
  std::vector<consumer_group_record> members, targets, assignments;
  for (size_t i = 0; i < classic.members.size(); ++i) {
    const auto& m = classic.members[i];
    const auto& own = (*holdings)[i];
    auto metadata = to_metadata(m, classic.protocol);
    if (!metadata)
      return tl::make_unexpected(metadata.error());
    members.emplace_back(member_metadata_record{group, m.id, std::move(*metadata)});
    targets.emplace_back(target_assignment_record{group, m.id, target_assignment_member_value{by_topic(own)}});
    assignments.emplace_back(current_record(group, m.id, {m.generation, m.generation, member_state::stable, own, {}}));
  }
  auto& out = members;
  // Without the hash of the topics: the first heartbeat compares, and makes a new epoch.
  out.emplace_back(group_metadata_record{group, group_metadata_value{classic.generation, 0}});
  out.insert(out.end(), targets.begin(), targets.end());
  out.emplace_back(target_epoch_record{group, target_assignment_metadata_value{classic.generation}});
  out.insert(out.end(), assignments.begin(), assignments.end());
  return out;
}

result<classic_group_members> to_classic_group(const consumer_group_state& group, const topic_catalog& catalog) {
  classic_group_members out;
  out.generation = group.epoch();
  out.protocol_type = consumer_protocol;
  for (const auto& [name, m] : group.members()) {
    if (!m.is_classic())
      return no_consumers("the member " + name + " speaks the consumer protocol");
    const auto& classic = *m.metadata.classic;
    const auto has = together(m.current.assigned, m.current.revoking);
    const auto& protocols = classic.supported_protocols;
    auto bytes = write_assignment(has, protocols.empty() ? buffer{} : protocols.front().metadata, catalog);
    out.members.push_back({name, m.metadata.instance_id, m.metadata.client_id, m.metadata.client_host,
                           m.metadata.rebalance_timeout_ms, classic.session_timeout_ms, protocols, std::move(bytes),
                           m.current.epoch});
  }
  if (out.members.empty())
    return out;
  out.protocol = choose_protocol(out.members);
  if (out.protocol.empty())
    return no_consumers("its members have no assignor in common");
  return out;
}

} // namespace chisme::groups
