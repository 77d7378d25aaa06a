// Members of the classic protocol in a consumer group (KIP-848, "Supporting Online Consumer Group Upgrade").
#include "actors/groups/consumer_group.hpp"

#include "actors/groups/classic_answers.hpp"
#include "actors/groups/classic_member.hpp"
#include "actors/groups/embedded_protocol.hpp"
#include "actors/groups/group_settings.hpp"

namespace chisme::groups {

namespace {

using join_request = kafka::join_group_request;

/// From this version on a new member is given its id first, so that a join that times out leaves no member behind.
constexpr int16_t id_comes_first = 4;

/// A slice would keep the whole request alive.
classic_member_metadata to_metadata(const join_request& r) {
  classic_member_metadata out;
  out.session_timeout_ms = r.session_timeout_ms;
  for (const auto& p : r.protocols)
    out.supported_protocols.push_back({p.name, buffer::copy_of(p.metadata.view())});
  return out;
}

int32_t rebalance_timeout_of(const consumer_member& member) {
  return std::max(0, member.metadata.rebalance_timeout_ms);
}

/// What a member of the consumer protocol would say in its place.
kafka::consumer_group_heartbeat_request to_heartbeat(const join_request& r,
                                                     const kafka::consumer_protocol_subscription& subscription,
                                                     const partition_set& owned) {
  kafka::consumer_group_heartbeat_request out;
  out.group_id = r.group_id;
  out.member_id = r.member_id;
  out.member_epoch = joining_epoch;
  out.instance_id = r.group_instance_id;
  out.rack_id = subscription.rack_id;
  out.rebalance_timeout_ms = r.rebalance_timeout_ms == -1 ? r.session_timeout_ms : r.rebalance_timeout_ms;
  out.subscribed_topic_names = subscription.topics;
  out.subscribed_topic_regex = ""; // whom it takes over from may have had one
  out.topic_partitions = by_topic<kafka::consumer_group_heartbeat_request::owned_topic>(owned);
  return out;
}

/// Consumers say the same under each of their protocols, as far as it is read here.
result<kafka::consumer_protocol_subscription> subscription_of(const join_request& r) {
  if (r.protocol_type != consumer_protocol || r.protocols.empty())
    return fail(error_code::inconsistent_group_protocol, "not a consumer");
  return read_subscription(r.protocols.front().metadata);
}

const std::string& protocol_of(const consumer_member& member) {
  static const std::string none;
  const auto& protocols = member.metadata.classic->supported_protocols;
  return protocols.empty() ? none : protocols.front().name;
}

bool supports(const consumer_member& member, const std::string& protocol) {
  return std::ranges::any_of(member.metadata.classic->supported_protocols,
                             [&](const auto& p) { return p.name == protocol; });
}

} // namespace

// JoinGroup.

void consumer_group::handle(const asker& from, const join_request& request, timestamp_ms now,
                            const topic_catalog& catalog, consumer_group_effects& out) {
  const auto refuse = [&](error_code code, const std::string& member) {
    out.answers.push_back({from.to, join_refused(code, member)});
  };
  const auto subscription = subscription_of(request);
  if (!subscription)
    return refuse(error_code::inconsistent_group_protocol, request.member_id);
  const auto owned = owned_partitions(*subscription, catalog);
  const auto heartbeat = to_heartbeat(request, *subscription, owned);
  turn t{from, heartbeat, now, catalog, out, request.member_id, {}};
  t.classic = to_metadata(request);
  if (const auto wrong = identify_joiner(t); wrong != error_code::none)
    return refuse(wrong, request.member_id);
  if (t.member.empty())
    t.member = to_string(new_id_());
  if (request.member_id.empty() && !request.group_instance_id && from.version >= id_comes_first)
    return refuse(error_code::member_id_required, t.member);
  if (says_too_much(t))
    return refuse(error_code::group_max_size_reached, request.member_id);
  const auto synced = synced_.find(t.member);
  t.repeats =
    synced != synced_.end() && subscription->generation_id >= 0 && subscription->generation_id < synced->second;
  const auto changed = advance(t);
  expect_sync(t, changed);
  answer_join(t);
}

void consumer_group::answer_join(const turn& t) const {
  const auto& member = *state_.find(t.member);
  kafka::join_group_response response;
  response.generation_id = member.current.epoch;
  response.protocol_type = consumer_protocol;
  response.protocol_name = protocol_of(member);
  response.member_id = t.member;
  t.out.answers.push_back({t.from.to, std::move(response)});
}

/// An id that nobody has is taken: it was given out by MEMBER_ID_REQUIRED, perhaps by the classic group that this was.
/// Not from who has partitions: that one was a member, and is to hear that it lost them before others are told of them.
error_code consumer_group::identify_joiner(turn& t) const {
  if (!state_.agree_with_any(t.classic->supported_protocols, t.member))
    return error_code::inconsistent_group_protocol;
  if (t.request.instance_id) {
    if (const auto wrong = identify_joining_instance(t); wrong != error_code::none || !t.replaces.empty())
      return wrong;
  }
  if (const auto* member = state_.find(t.member))
    return member->is_classic() ? error_code::none : error_code::unknown_member_id;
  if (!t.request.topic_partitions->empty())
    return error_code::unknown_member_id;
  if (state_.members().size() >= settings_.max_size)
    return error_code::group_max_size_reached;
  t.joins = true;
  return error_code::none;
}

/// As in a classic group: who comes without an id takes the place of whoever was the instance, also of one that the
/// consumer protocol would have to say first that it is away. A process that was killed cannot.
error_code consumer_group::identify_joining_instance(turn& t) const {
  const auto* holder = state_.find_instance(*t.request.instance_id);
  if (!t.member.empty()) {
    if (!holder)
      return error_code::unknown_member_id;
    return *holder == t.member ? error_code::none : error_code::fenced_instance_id;
  }
  if (!holder)
    return error_code::none;
  t.replaces = *holder;
  return error_code::none;
}

/// A join that came late, or twice, changes nothing and is followed by no SyncGroup.
void consumer_group::expect_sync(const turn& t, change changed) {
  const auto& member = *state_.find(t.member);
  deadlines_.set_session(t.member, t.now + session_timeout_of(member));
  const auto synced = synced_.find(t.member);
  if (changed == change::nothing && synced != synced_.end() && synced->second == member.current.epoch)
    return;
  deadlines_.set_rebalance(t.member, t.now + rebalance_timeout_of(member));
}

// SyncGroup.

void consumer_group::handle(const asker& from, const kafka::sync_group_request& request, timestamp_ms now,
                            const topic_catalog& catalog, consumer_group_effects& out) {
  if (const auto wrong = check_sync(request); wrong != error_code::none) {
    if (wrong == error_code::rebalance_in_progress)
      expect_join(request.member_id, now);
    out.answers.push_back({from.to, sync_refused(wrong)});
    return;
  }
  const auto& member = *state_.find(request.member_id);
  synced_[request.member_id] = member.current.epoch;
  deadlines_.set_session(request.member_id, now + session_timeout_of(member));
  // Who is to give something up is to come back and say that it did.
  deadlines_.set_rebalance(request.member_id, std::nullopt);
  if (member.current.state == member_state::unrevoked_partitions)
    expect_join(request.member_id, now);
  const auto& protocols = member.metadata.classic->supported_protocols;
  kafka::sync_group_response response;
  response.protocol_type = consumer_protocol;
  response.protocol_name = request.protocol_name.value_or(protocol_of(member));
  response.assignment =
    write_assignment(member.current.assigned, protocols.empty() ? buffer{} : protocols.front().metadata, catalog);
  out.answers.push_back({from.to, std::move(response)});
}

error_code consumer_group::check_sync(const kafka::sync_group_request& r) const {
  if (const auto wrong = check_classic(r.member_id, r.group_instance_id); wrong != error_code::none)
    return wrong;
  const auto& member = *state_.find(r.member_id);
  if (r.generation_id != member.current.epoch)
    return error_code::illegal_generation;
  // Before the protocol, which in the classic group that this was may have been another one.
  const bool is_behind = member.current.epoch < state_.epoch();
  if (is_behind && member.current.state != member_state::unrevoked_partitions)
    return error_code::rebalance_in_progress;
  const bool is_other_type = r.protocol_type && r.protocol_type != consumer_protocol;
  const bool is_other_protocol = r.protocol_name && !supports(member, *r.protocol_name);
  return is_other_type || is_other_protocol ? error_code::inconsistent_group_protocol : error_code::none;
}

error_code consumer_group::check_holder(const std::string& member, const std::optional<std::string>& instance) const {
  if (instance) {
    const auto* holder = state_.find_instance(*instance);
    if (!holder)
      return error_code::unknown_member_id;
    if (*holder != member)
      return error_code::fenced_instance_id;
  }
  return state_.find(member) ? error_code::none : error_code::unknown_member_id;
}

error_code consumer_group::check_classic(const std::string& member, const std::optional<std::string>& instance) const {
  if (const auto wrong = check_holder(member, instance); wrong != error_code::none)
    return wrong;
  return state_.find(member)->is_classic() ? error_code::none : error_code::unknown_member_id;
}

void consumer_group::expect_join(const std::string& member, timestamp_ms now) {
  if (!deadlines_.has_rebalance(member))
    deadlines_.set_rebalance(member, now + rebalance_timeout_of(*state_.find(member)));
}

// Heartbeat.

void consumer_group::handle(const asker& from, const kafka::heartbeat_request& request, timestamp_ms now,
                            const topic_catalog& catalog, consumer_group_effects& out) {
  kafka::heartbeat_response response;
  response.error = check_classic(request.member_id, request.group_instance_id);
  if (response.error == error_code::none && request.generation_id != state_.find(request.member_id)->current.epoch)
    response.error = error_code::illegal_generation;
  if (response.error == error_code::none) {
    if (refresh_topics(now, catalog, out))
      next_epoch(catalog, out);
    const auto& member = *state_.find(request.member_id);
    deadlines_.set_session(request.member_id, now + session_timeout_of(member));
    if (has_to_rejoin(member)) {
      expect_join(request.member_id, now);
      response.error = error_code::rebalance_in_progress;
    }
  }
  out.answers.push_back({from.to, response});
}

/// To reach a new epoch, to say that it gave something up, or to get what others have given up since.
bool consumer_group::has_to_rejoin(const consumer_member& member) const {
  const auto& current = member.current;
  if (current.epoch < state_.epoch() || current.state == member_state::unrevoked_partitions)
    return true;
  const auto waits_for = without(member.target, current.assigned);
  return current.state == member_state::unreleased_partitions &&
         std::all_of(waits_for.begin(), waits_for.end(), [&](const auto& p) { return state_.is_free_for(p, member); });
}

// LeaveGroup.

void consumer_group::handle(const asker& from, const kafka::leave_group_request& request, timestamp_ms,
                            const topic_catalog& catalog, consumer_group_effects& out) {
  constexpr int16_t many_members = 3;
  const auto before = state_.members().size();
  kafka::leave_group_response response;
  if (from.version < many_members)
    response.error = leave_one(request.member_id, std::nullopt, out);
  else
    for (const auto& m : request.members)
      response.members.push_back({m.member_id, m.group_instance_id, leave_one(m.member_id, m.group_instance_id, out)});
  if (state_.members().size() < before)
    members_went(catalog, out);
  out.answers.push_back({from.to, std::move(response)});
}

/// Of either protocol: an administrator removes members by their ids, or names the instance alone.
error_code consumer_group::leave_one(const std::string& member, const std::optional<std::string>& instance,
                                     consumer_group_effects& out) {
  const auto* holder = member.empty() && instance ? state_.find_instance(*instance) : nullptr;
  const auto id = holder ? *holder : member;
  if (const auto wrong = check_holder(id, instance); wrong != error_code::none)
    return wrong;
  fence(id, out);
  return error_code::none;
}

} // namespace chisme::groups
