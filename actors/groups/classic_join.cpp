// JoinGroup.

#include "actors/groups/classic_group.hpp"

#include <algorithm>

namespace chisme::groups {

namespace {

/// From this version on a new member is given its id first, so that a join that times out leaves no member behind.
constexpr int16_t id_comes_first = 4;

/// From this version on a leader can be told that there is nothing to assign.
constexpr int16_t assignment_can_be_skipped = 9;

/// How long a join of a new member may take. It cannot send heartbeats before it knows its id, and its client may have
/// gone long ago.
constexpr timestamp_ms new_member_join_timeout_ms = 300'000;

/// At most, of an id that is made here.
constexpr size_t unique_part = 40;

bool same_protocols(const classic_member& m, const kafka::join_group_request& r) {
  return std::equal(m.protocols.begin(), m.protocols.end(), r.protocols.begin(), r.protocols.end(),
                    [](const auto& a, const auto& b) { return a.name == b.name && a.metadata == b.metadata; });
}

} // namespace

void classic_group::join(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out) {
  auto refuse = [&](error code, const std::string& member_id) {
    out.answers.push_back({who.to, join_refused(code, member_id)});
  };
  const bool returns = r.group_instance_id && statics_.contains(*r.group_instance_id);
  const auto& known_as = r.member_id.empty() && returns ? statics_.at(*r.group_instance_id) : r.member_id;
  if (!has_room_for_words(known_as, who, r)) {
    refuse(error::group_max_size_reached, r.member_id);
  } else if (!has_room_for(known_as)) {
    pending_.erase(r.member_id);
    timers_.cancel(r.member_id);
    remove(r.member_id, error::group_max_size_reached, out);
    refuse(error::group_max_size_reached, "");
  } else if (!can_agree_with(r)) {
    refuse(error::inconsistent_group_protocol, r.member_id);
  } else if (r.member_id.empty()) {
    returns ? join_as_replacement(who, r, now, out) : join_as_new(who, r, now, out);
  } else if (pending_.contains(r.member_id)) {
    if (returns)
      return refuse(error::fenced_instance_id, r.member_id);
    pending_.erase(r.member_id);
    add_member(r.member_id, who, r, now, out);
  } else if (auto wrong = check_member(r.member_id, r.group_instance_id); wrong != error::none) {
    refuse(wrong, r.member_id);
  } else {
    join_again(who, r, now, out);
  }
  maybe_complete_join(now, out);
}

bool classic_group::has_room_for(const std::string& member_id) const {
  const auto most = static_cast<size_t>(around_->settings.max_size);
  const auto known = members_.find(member_id);
  if (state_ == classic_state::empty)
    return true;
  if (state_ == classic_state::preparing_rebalance)
    return (known != members_.end() && known->second.join) || parked_joins_ < most;
  return known != members_.end() || members_.size() < most;
}

bool classic_group::has_room_for_words(const std::string& member_id, const asker& who,
                                       const kafka::join_group_request& r) const {
  const auto known = members_.find(member_id);
  const auto before = known == members_.end() ? size_t{0} : known->second.counted;
  const auto instance = r.group_instance_id ? r.group_instance_id->size() : 0;
  const auto id = std::max({r.member_id.size(), instance, who.client_id.size()}) + unique_part;
  const auto says = bytes_said(r.protocols) + bytes_called(id, instance, who.client_id, who.client_host);
  return said_bytes_ - before + says + assigned_bytes_ <= max_group_bytes;
}

bool classic_group::can_agree_with(const kafka::join_group_request& r) const {
  if (r.protocol_type.empty() || r.protocols.empty())
    return false;
  if (members_.empty())
    return true;
  return protocol_type_ == r.protocol_type && std::ranges::any_of(r.protocols, [&](const auto& p) {
           auto i = supported_.find(p.name);
           return i != supported_.end() && static_cast<size_t>(i->second) == members_.size();
         });
}

std::string classic_group::new_member_id(const asker& who, const kafka::join_group_request& r) const {
  // With room for what makes it unique: the id has to fit into a string itself.
  constexpr size_t longest_name = 32'000;
  return r.group_instance_id.value_or(who.client_id).substr(0, longest_name) + "-" + around_->new_id();
}

void classic_group::join_as_new(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out) {
  auto id = new_member_id(who, r);
  if (r.group_instance_id || who.version < id_comes_first)
    return add_member(std::move(id), who, r, now, out);
  for (const auto& dropped : pending_.insert(id))
    timers_.cancel(dropped);
  timers_.set(id, now + r.session_timeout_ms);
  out.answers.push_back({who.to, join_refused(error::member_id_required, id)});
}

void classic_group::add_member(std::string id, const asker& who, const kafka::join_group_request& r, timestamp_ms now,
                               effects& out) {
  if (members_.empty())
    protocol_type_ = r.protocol_type;
  if (!leader_)
    leader_ = id;
  if (r.group_instance_id)
    statics_[*r.group_instance_id] = id;
  if (is_initial_)
    was_joined_ = true;
  auto& m = members_[id];
  m.id = id;
  m.instance = r.group_instance_id;
  m.client_id = who.client_id;
  m.client_host = who.client_host;
  m.is_new = true;
  update(m, r);
  park_join(m, who, out);
  timers_.set(id, now + new_member_join_timeout_ms);
  rebalance_or_complete(now, out);
}

void classic_group::update(member& m, const kafka::join_group_request& r) {
  count_protocols(m, -1);
  m.session_timeout_ms = r.session_timeout_ms;
  m.rebalance_timeout_ms = r.rebalance_timeout_ms == -1 ? r.session_timeout_ms : r.rebalance_timeout_ms;
  m.protocols.clear();
  // A slice would keep the whole request alive.
  for (const auto& p : r.protocols)
    m.protocols.push_back({p.name, buffer::copy_of(p.metadata.view())});
  count_protocols(m, 1);
}

void classic_group::join_again(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out) {
  auto& m = *find(r.member_id);
  const bool changed = !same_protocols(m, r);
  const bool met_already =
    state_ == classic_state::completing_rebalance || (state_ == classic_state::stable && leader_ != m.id);
  if (met_already && !changed) {
    // The answer to its first request was lost.
    out.answers.push_back({who.to, joined(m)});
    arm(m, now);
    return;
  }
  rejoin(m, who, r, now, out);
}

void classic_group::rejoin(member& m, const asker& who, const kafka::join_group_request& r, timestamp_ms now,
                           effects& out) {
  update(m, r);
  park_join(m, who, out);
  if (state_ != classic_state::preparing_rebalance)
    prepare_rebalance(now, out);
}

/// A static member comes back, and nobody but the group knows that it is the same: it takes the place of its old id.
void classic_group::join_as_replacement(const asker& who, const kafka::join_group_request& r, timestamp_ms now,
                                        effects& out) {
  const auto old_id = statics_.at(*r.group_instance_id);
  const auto old_leader = leader_.value_or("");
  const auto id = new_member_id(who, r);
  unpark(*find(old_id), error::fenced_instance_id, out);
  timers_.cancel(old_id);
  auto taken = members_.extract(old_id);
  taken.key() = id;
  members_.insert(std::move(taken));
  statics_[*r.group_instance_id] = id;
  if (not_synced_.erase(old_id) > 0)
    not_synced_.insert(id);
  if (leader_ == old_id)
    leader_ = id;
  auto& m = *find(id);
  m.id = id;
  m.client_id = who.client_id;
  m.client_host = who.client_host;
  if (state_ == classic_state::stable) {
    update(m, r);
    if (select_protocol() == protocol_) {
      recall_subscriptions();
      save(out);
      answer_replacement(m, who, old_leader, out);
      return arm(m, now);
    }
  }
  rejoin(m, who, r, now, out);
  if (m.is_new)
    timers_.set(id, now + new_member_join_timeout_ms);
}

/// The generation goes on with the assignments that there are. A leader that cannot be told to skip the assignment is
/// told that somebody else leads.
void classic_group::answer_replacement(const member& m, const asker& who, const std::string& old_leader, effects& out) {
  auto r = joined(m);
  if (who.version >= assignment_can_be_skipped) {
    r.skip_assignment = leader_ == m.id;
  } else {
    r.leader = old_leader;
    r.members.clear();
  }
  out.answers.push_back({who.to, std::move(r)});
}

} // namespace chisme::groups
