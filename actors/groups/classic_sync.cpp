// SyncGroup, Heartbeat, LeaveGroup, and what offsets ask of a group.

#include "actors/groups/classic_group.hpp"

#include "actors/groups/embedded_protocol.hpp"

namespace chisme::groups {

namespace {

size_t bytes_assigned(const kafka::sync_group_request& r) {
  size_t bytes = 0;
  for (const auto& a : r.assignments)
    bytes += a.assignment.size();
  return bytes;
}

} // namespace

void classic_group::sync(const asker& who, const kafka::sync_group_request& r, timestamp_ms now, effects& out) {
  if (auto wrong = check_sync(r); wrong != error::none) {
    out.answers.push_back({who.to, sync_refused(wrong)});
    return;
  }
  if (said_bytes_ + bytes_assigned(r) > max_group_bytes) {
    out.answers.push_back({who.to, sync_refused(error::unknown_server_error)}); // as Kafka calls it
    return;
  }
  auto& m = *find(r.member_id);
  synced(m.id);
  if (state_ == classic_state::stable) {
    out.answers.push_back({who.to, synced_response(m)});
    return arm(m, now);
  }
  park_sync(m, who, out);
  if (leader_ == m.id)
    take_assignments(r, now, out);
}

error_code classic_group::check_sync(const kafka::sync_group_request& r) const {
  if (auto wrong = check_member(r.member_id, r.group_instance_id); wrong != error::none)
    return wrong;
  if (!knows_generation(r.member_id, r.generation_id))
    return error::illegal_generation;
  // Before the protocol: that of a group whose protocol has just changed is not known to its members, who would take a
  // mismatch for the end.
  if (state_ == classic_state::preparing_rebalance)
    return error::rebalance_in_progress;
  const bool other_type = r.protocol_type && protocol_type_ && r.protocol_type != protocol_type_;
  const bool other_protocol = r.protocol_name && protocol_ && r.protocol_name != protocol_;
  return other_type || other_protocol ? error::inconsistent_group_protocol : error::none;
}

void classic_group::synced(const std::string& member_id) {
  not_synced_.erase(member_id);
  if (not_synced_.empty())
    sync_deadline_.reset();
}

void classic_group::take_assignments(const kafka::sync_group_request& r, timestamp_ms now, effects& out) {
  // Until now each has what the last generation gave it.
  for (auto& [id, m] : members_)
    assign(m, {});
  for (const auto& a : r.assignments)
    if (auto* m = find(a.member_id))
      assign(*m, buffer::copy_of(a.assignment.view()));
  state_ = classic_state::stable;
  state_since_ = now;
  save(out);
  for (auto& [id, m] : members_) {
    if (!m.sync)
      continue;
    answer_sync(m, error::none, out);
    arm(m, now);
  }
}

error_code classic_group::heartbeat(const kafka::heartbeat_request& r, timestamp_ms now) {
  if (auto wrong = check_member(r.member_id, r.group_instance_id); wrong != error::none)
    return wrong;
  if (!knows_generation(r.member_id, r.generation_id))
    return error::illegal_generation;
  arm(*find(r.member_id), now);
  return state_ == classic_state::preparing_rebalance ? error::rebalance_in_progress : error::none;
}

void classic_group::leave(const asker& who, const kafka::leave_group_request& r, timestamp_ms now, effects& out) {
  constexpr int16_t many_members = 3;
  kafka::leave_group_response response;
  bool left = false;
  if (who.version < many_members)
    response.error = leave_one(r.member_id, std::nullopt, left, out);
  else
    for (const auto& m : r.members)
      response.members.push_back(
        {m.member_id, m.group_instance_id, leave_one(m.member_id, m.group_instance_id, left, out)});
  if (left)
    rebalance_or_complete(now, out);
  maybe_complete_join(now, out);
  out.answers.push_back({who.to, std::move(response)});
}

/// `left` becomes true where the group has one member less.
error_code classic_group::leave_one(const std::string& member_id, const std::optional<std::string>& instance,
                                    bool& left, effects& out) {
  auto id = member_id;
  if (id.empty() && instance)
    if (auto i = statics_.find(*instance); i != statics_.end())
      id = i->second;
  if (pending_.erase(id)) {
    timers_.cancel(id);
    return error::none;
  }
  if (auto wrong = check_member(id, instance); wrong != error::none)
    return wrong;
  remove(id, error::unknown_member_id, out);
  left = true;
  return error::none;
}

error_code classic_group::check_commit(const kafka::offset_commit_request& r, timestamp_ms now) {
  const auto generation = r.generation_id_or_member_epoch;
  if (generation < 0 && state_ == classic_state::empty)
    return error::none;
  if (generation < 0 && r.member_id.empty() && !r.group_instance_id)
    return error::unknown_member_id;
  if (auto wrong = check_member(r.member_id, r.group_instance_id); wrong != error::none)
    return wrong;
  if (!knows_generation(r.member_id, generation))
    return error::illegal_generation;
  if (state_ == classic_state::completing_rebalance)
    return error::rebalance_in_progress;
  arm(*find(r.member_id), now);
  return error::none;
}

error_code classic_group::check_delete() const {
  return state_ == classic_state::empty ? error::none : error::non_empty_group;
}

error_code classic_group::check_offset_delete() const {
  // Of other kinds of groups it is not known what they read.
  const bool is_readable = state_ == classic_state::empty || protocol_type_ == consumer_protocol;
  return is_readable ? error::none : error::non_empty_group;
}

bool classic_group::is_subscribed(const std::string& topic) const {
  if (state_ == classic_state::empty)
    return false;
  return subscribed_ ? subscribed_->contains(topic) : protocol_type_ == consumer_protocol;
}

expiry_rule classic_group::offsets_expire() const {
  if (!protocol_type_ && state_ == classic_state::empty)
    return {expiry_since::commit};
  if (state_ == classic_state::empty)
    return {expiry_since::empty, state_since_};
  if (state_ == classic_state::stable && protocol_type_ == consumer_protocol && subscribed_)
    return {expiry_since::commit};
  return {expiry_since::never};
}

kafka::describe_groups_response::described_group classic_group::describe() const {
  kafka::describe_groups_response::described_group d;
  d.group_id = id_;
  d.group_state = to_string(state_);
  d.protocol_type = protocol_type_.value_or("");
  const bool is_stable = state_ == classic_state::stable;
  if (is_stable)
    d.protocol_data = protocol_.value_or("");
  for (const auto& [id, m] : members_) {
    d.members.push_back({id, m.instance, m.client_id, m.client_host, {}, {}});
    if (!is_stable)
      continue;
    d.members.back().member_metadata = m.metadata(d.protocol_data);
    d.members.back().member_assignment = m.assignment;
  }
  return d;
}

kafka::list_groups_response::listed_group classic_group::list() const {
  return {id_, protocol_type_.value_or(""), std::string{to_string(state_)}, "classic"};
}

} // namespace chisme::groups
