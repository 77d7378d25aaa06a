#include "nodes/cli/group_details.hpp"

#include "messages/kafka/09_offset_fetch.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/15_describe_groups.hpp"
#include "messages/kafka/69_consumer_group_describe.hpp"
#include "messages/kafka/consumer_protocol.hpp"

#include <algorithm>

namespace chisme::cli {

namespace {

std::string_view without_slash(std::string_view host) { return host.starts_with('/') ? host.substr(1) : host; }

/// What the leader gave a member of a classic group; nothing where the group is none of consumers.
std::set<topic_partition> assigned(const buffer& assignment) {
  constexpr size_t version_size = 2;
  std::set<topic_partition> partitions;
  if (assignment.size() < version_size)
    return partitions;
  auto decoded = decode<kafka::consumer_protocol_assignment>(assignment.slice(version_size), 0, behind::anything);
  if (!decoded)
    return partitions;
  for (auto& t : decoded->assigned_partitions)
    for (auto p : t.partitions)
      partitions.insert({t.topic, p});
  return partitions;
}

group_details details_of(const kafka::describe_groups_response::described_group& told) {
  group_details g;
  g.name = told.group_id;
  g.type = "classic";
  g.state = told.group_state;
  g.assignor = told.protocol_data;
  for (auto& m : told.members)
    g.members.push_back({m.member_id, m.group_instance_id, m.client_id, std::string{without_slash(m.client_host)},
                         assigned(m.member_assignment)});
  return g;
}

group_details details_of(const kafka::consumer_group_describe_response::described_group& told) {
  group_details g;
  g.name = told.group_id;
  g.type = "consumer";
  g.state = told.group_state;
  g.assignor = told.assignor_name;
  for (auto& m : told.members) {
    auto& member = g.members.emplace_back(
      group_member{m.member_id, m.instance_id, m.client_id, std::string{without_slash(m.client_host)}, {}});
    for (auto& t : m.assignment.topic_partitions)
      for (auto p : t.partitions)
        member.partitions.insert({t.topic_name, p});
  }
  return g;
}

result<group_details> describe_classic(kafka_client& coordinator, const std::string& group) {
  kafka::describe_groups_request request;
  request.groups = {group};
  auto answer = coordinator.call<kafka::describe_groups_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  if (answer->groups.empty())
    return fail(error_code::unknown_server_error, "the node's answer names no group");
  auto& told = answer->groups.front();
  if (told.error != error_code::none)
    return fail(told.error, told.error_message.value_or(""));
  if (told.group_state == "Dead")
    return fail(error_code::group_id_not_found, "");
  return details_of(told);
}

/// Nodes that do not know the protocol have no groups of it.
result<group_details> describe(kafka_client& coordinator, const std::string& group) {
  kafka::consumer_group_describe_request request;
  request.group_ids = {group};
  auto answer = coordinator.call<kafka::consumer_group_describe_response>(request);
  if (!answer && answer.error().code != error_code::unsupported_version)
    return tl::make_unexpected(answer.error());
  if (!answer || answer->groups.empty() || answer->groups.front().error == error_code::group_id_not_found)
    return describe_classic(coordinator, group);
  auto& told = answer->groups.front();
  if (told.error != error_code::none)
    return fail(told.error, told.error_message.value_or(""));
  return details_of(told);
}

result<void> add_committed(kafka_client& coordinator, group_details& g) {
  kafka::offset_fetch_request request;
  request.group_id = g.name; // up to version 7
  request.groups.emplace_back().group_id = g.name;
  auto answer = coordinator.call<kafka::offset_fetch_response>(request, offsets_by_name);
  if (!answer)
    return tl::make_unexpected(answer.error());
  const auto add = [&](const auto& topics) {
    for (auto& t : topics)
      for (auto& p : t.partitions)
        if (p.error == error_code::none && p.committed_offset >= 0)
          g.committed[{t.name, p.partition_index}] = p.committed_offset;
  };
  add(answer->topics);
  for (auto& told : answer->groups)
    add(told.topics);
  return {};
}

} // namespace

std::set<topic_partition> group_details::partitions() const {
  std::set<topic_partition> all;
  for (auto& [tp, offset] : committed)
    all.insert(tp);
  for (auto& m : members)
    all.insert(m.partitions.begin(), m.partitions.end());
  return all;
}

const group_member* group_details::owner_of(const topic_partition& tp) const {
  auto m = std::ranges::find_if(members, [&](auto& x) { return x.partitions.contains(tp); });
  return m == members.end() ? nullptr : &*m;
}

const partition_details* group_details::find(const topic_partition& tp) const {
  auto t = std::ranges::find(topics, tp.topic, &topic_details::name);
  if (t == topics.end())
    return nullptr;
  auto p = std::ranges::find_if(t->partitions, [&](auto& x) { return x.state.partition_index == tp.partition; });
  return p == t->partitions.end() ? nullptr : &*p;
}

std::optional<int64_t> group_details::lag_of(const topic_partition& tp) const {
  auto offset = committed.find(tp);
  auto* p = find(tp);
  if (offset == committed.end() || !p || !p->latest)
    return std::nullopt;
  // What retention took cannot be read any more.
  return std::max<int64_t>(0, *p->latest - std::max(offset->second, p->earliest.value_or(0)));
}

std::string names_of(const group_details& g) {
  std::string text;
  for (auto& m : g.members)
    text += (text.empty() ? "" : ", ") + m.instance.value_or(m.id) + " (" + m.client_id + " at " + m.host + ")";
  return text;
}

namespace {

/// Whether it has read what it coordinates: it answers nothing else before.
result<void> check_loaded(kafka_client& coordinator, const std::string& group) {
  kafka::offset_fetch_request request;
  request.group_id = group; // up to version 7
  request.topics.emplace();
  request.groups.emplace_back().group_id = group;
  request.groups.back().topics.emplace();
  auto answer = coordinator.call<kafka::offset_fetch_response>(request, offsets_by_name);
  if (!answer)
    return tl::make_unexpected(answer.error());
  const auto code = answer->groups.empty() ? answer->error : answer->groups.front().error;
  if (code != error_code::none)
    return fail(code, "the coordinator of the group is not ready");
  return {};
}

result<kafka_client*> find_once(cluster& nodes, const std::string& group, int32_t* id) {
  if (auto known = nodes.metadata(std::vector<std::string>{}); !known)
    return tl::make_unexpected(known.error());
  kafka::find_coordinator_request request;
  request.key = group; // up to version 3
  request.coordinator_keys = {group};
  auto answer = nodes.any().call<kafka::find_coordinator_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  auto code = answer->error;
  auto node = answer->node_id;
  auto message = answer->error_message;
  if (!answer->coordinators.empty()) {
    auto& c = answer->coordinators.front();
    code = c.error;
    node = c.node_id;
    message = c.error_message;
  }
  if (code != error_code::none)
    return fail(code, message.value_or(""));
  if (id)
    *id = node;
  auto coordinator = nodes.node(node);
  if (!coordinator)
    return coordinator;
  if (auto ready = check_loaded(**coordinator, group); !ready)
    return tl::make_unexpected(ready.error());
  return coordinator;
}

} // namespace

result<kafka_client*> coordinator_of(cluster& nodes, const std::string& group, int32_t* id) {
  return patiently(nodes, [&] { return find_once(nodes, group, id); });
}

result<group_details> group_details_of(cluster& nodes, const std::string& group) {
  int32_t id = -1;
  auto coordinator = coordinator_of(nodes, group, &id);
  if (!coordinator)
    return tl::make_unexpected(coordinator.error());
  auto g = describe(**coordinator, group);
  if (!g)
    return g;
  g->coordinator = id;
  if (auto added = add_committed(**coordinator, *g); !added)
    return tl::make_unexpected(added.error());
  std::set<std::string> names;
  for (auto& tp : g->partitions())
    names.insert(tp.topic);
  if (names.empty())
    return g;
  auto topics = topic_details_of(nodes, {names.begin(), names.end()});
  if (!topics)
    return tl::make_unexpected(topics.error());
  g->topics = std::move(*topics);
  return g;
}

} // namespace chisme::cli
