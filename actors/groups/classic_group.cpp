#include "actors/groups/classic_group.hpp"

#include "actors/groups/embedded_protocol.hpp"

#include <algorithm>
#include <utility>

namespace chisme::groups {

std::string_view to_string(classic_state state) {
  switch (state) {
    case classic_state::empty:
      return "Empty";
    case classic_state::preparing_rebalance:
      return "PreparingRebalance";
    case classic_state::completing_rebalance:
      return "CompletingRebalance";
    case classic_state::stable:
      return "Stable";
  }
  return "";
}

// What outlives a restart.

void classic_group::apply(const std::optional<value>& saved) { saved_ = saved; }

void classic_group::save(effects& out) {
  value v;
  v.protocol_type = protocol_type_.value_or("");
  v.generation = generation_;
  v.protocol = protocol_;
  if (state_ != classic_state::completing_rebalance)
    v.leader = leader_;
  v.current_state_timestamp = state_since_;
  for (const auto& [id, m] : members_)
    v.members.push_back({id, m.instance, m.client_id, m.client_host, m.rebalance_timeout_ms, m.session_timeout_ms,
                         m.metadata(protocol_.value_or("")), m.assignment});
  classic_group_record record{id_, std::move(v)};
  apply(record.value);
  out.records.push_back(std::move(record));
}

void classic_group::loaded(timestamp_ms now, effects& out) {
  if (!saved_)
    return;
  // Groups that only ever had offsets have no type; the record cannot say "none".
  if (!saved_->protocol_type.empty())
    protocol_type_ = saved_->protocol_type;
  generation_ = saved_->generation;
  state_since_ = saved_->current_state_timestamp;
  protocol_ = saved_->protocol;
  leader_ = saved_->leader;
  for (const auto& m : saved_->members)
    load_member(m, now);
  state_ = members_.empty() ? classic_state::empty : classic_state::stable;
  recall_subscriptions();
  // They had met and got no assignment, or the limit was lowered since.
  const bool is_incomplete = !members_.empty() && !leader_;
  if (is_incomplete || members_.size() > static_cast<size_t>(around_->settings.max_size))
    prepare_rebalance(now, out);
}

void classic_group::load_member(const value::member& saved, timestamp_ms now) {
  member m;
  m.id = saved.member_id;
  m.instance = saved.group_instance_id;
  m.client_id = saved.client_id;
  m.client_host = saved.client_host;
  m.rebalance_timeout_ms = saved.rebalance_timeout;
  m.session_timeout_ms = saved.session_timeout;
  m.protocols = {{protocol_.value_or(""), saved.subscription}};
  if (members_.contains(m.id))
    return;
  assign(m, saved.assignment);
  if (m.instance)
    statics_[*m.instance] = m.id;
  count_protocols(m, 1);
  arm(m, now);
  members_.emplace(m.id, std::move(m));
}

void classic_group::recall_subscriptions() {
  subscribed_.reset();
  if (members_.empty()) {
    subscribed_.emplace();
    return;
  }
  if (protocol_type_ != consumer_protocol || !protocol_)
    return;
  std::set<std::string, std::less<>> topics;
  for (const auto& [id, m] : members_) {
    auto own = subscribed_topics(m.metadata(*protocol_));
    if (!own)
      return;
    topics.insert(own->begin(), own->end());
  }
  subscribed_ = std::move(topics);
}

// Members.

classic_member* classic_group::find(const std::string& member_id) {
  auto i = members_.find(member_id);
  return i == members_.end() ? nullptr : &i->second;
}

error_code classic_group::check_member(const std::string& member_id, const std::optional<std::string>& instance) const {
  if (instance) {
    auto i = statics_.find(*instance);
    if (i == statics_.end())
      return error::unknown_member_id;
    if (i->second != member_id)
      return error::fenced_instance_id;
  }
  return members_.contains(member_id) ? error::none : error::unknown_member_id;
}

/// Until they have met, members of a former consumer group know the epoch that each of them had.
bool classic_group::knows_generation(const std::string& member_id, int32_t generation) const {
  return generation == generation_ || members_.at(member_id).former_epoch == generation;
}

void classic_group::count_protocols(member& m, int by) {
  said_bytes_ -= std::exchange(m.counted, by > 0 ? m.bytes() : 0);
  said_bytes_ += m.counted;
  std::set<std::string_view> names;
  for (const auto& p : m.protocols)
    names.insert(p.name);
  for (auto name : names) {
    auto i = supported_.try_emplace(std::string{name}, 0).first;
    i->second += by;
    if (i->second == 0)
      supported_.erase(i);
  }
}

void classic_group::assign(member& m, buffer assignment) {
  assigned_bytes_ -= m.assignment.size();
  m.assignment = std::move(assignment);
  assigned_bytes_ += m.assignment.size();
}

void classic_group::arm(const member& m, timestamp_ms now) {
  if (m.is_parked() && !m.is_new)
    timers_.cancel(m.id);
  else if (!m.is_new)
    timers_.set(m.id, now + m.session_timeout_ms);
}

void classic_group::remove(const std::string& member_id, error why, effects& out) {
  auto i = members_.find(member_id);
  if (i == members_.end())
    return;
  auto& m = i->second;
  unpark(m, why, out);
  count_protocols(m, -1);
  assign(m, {});
  if (m.instance)
    statics_.erase(*m.instance);
  timers_.cancel(m.id);
  not_synced_.erase(m.id);
  const bool led = leader_ == m.id;
  members_.erase(i);
  if (led)
    leader_ = members_.empty() ? std::nullopt : std::optional{members_.begin()->first};
}

// Parked requests.

void classic_group::park_join(member& m, const asker& who, effects& out) {
  // A client that asks again has given up on its first request.
  if (m.join)
    out.answers.push_back({m.join->to, join_refused(error::rebalance_in_progress, m.id)});
  else
    ++parked_joins_;
  m.join = parked_request{who.to, who.version};
  if (!m.is_new)
    timers_.cancel(m.id);
}

void classic_group::park_sync(member& m, const asker& who, effects& out) {
  if (m.sync)
    out.answers.push_back({m.sync->to, sync_refused(error::rebalance_in_progress)});
  m.sync = parked_request{who.to, who.version};
  timers_.cancel(m.id);
}

void classic_group::unpark(member& m, error why, effects& out) {
  if (m.join) {
    out.answers.push_back({m.join->to, join_refused(why, m.id)});
    m.join.reset();
    --parked_joins_;
  }
  answer_sync(m, why, out);
}

void classic_group::answer_join(member& m, effects& out) {
  if (!m.join)
    return;
  out.answers.push_back({m.join->to, joined(m)});
  m.join.reset();
  --parked_joins_;
}

void classic_group::answer_sync(member& m, error code, effects& out) {
  if (!m.sync)
    return;
  out.answers.push_back({m.sync->to, code == error::none ? synced_response(m) : sync_refused(code)});
  m.sync.reset();
}

kafka::join_group_response classic_group::joined(const member& m) const {
  kafka::join_group_response r;
  r.generation_id = generation_;
  r.protocol_type = protocol_type_;
  r.protocol_name = protocol_;
  r.leader = leader_.value_or("");
  r.member_id = m.id;
  if (leader_ == m.id)
    r.members = members_for_leader();
  return r;
}

std::vector<kafka::join_group_response::member> classic_group::members_for_leader() const {
  std::vector<kafka::join_group_response::member> all;
  all.reserve(members_.size());
  for (const auto& [id, m] : members_)
    all.push_back({id, m.instance, m.metadata(protocol_.value_or(""))});
  return all;
}

kafka::sync_group_response classic_group::synced_response(const member& m) const {
  kafka::sync_group_response r;
  r.protocol_type = protocol_type_;
  r.protocol_name = protocol_;
  r.assignment = m.assignment;
  return r;
}

// Time.

std::optional<timestamp_ms> classic_group::next_deadline() const {
  auto next = timers_.next();
  for (const auto& other : {join_deadline_, sync_deadline_})
    if (other && (!next || *other < *next))
      next = other;
  return next;
}

void classic_group::tick(timestamp_ms now, const topic_catalog&, effects& out) {
  while (auto id = timers_.take_due(now))
    expire(*id, now, out);
  if (join_deadline_ && *join_deadline_ <= now)
    join_is_due(now, out);
  if (sync_deadline_ && *sync_deadline_ <= now)
    sync_is_due(now, out);
}

void classic_group::expire(const std::string& member_id, timestamp_ms now, effects& out) {
  if (pending_.contains(member_id)) {
    pending_.erase(member_id);
    maybe_complete_join(now, out);
    return;
  }
  remove(member_id, error::unknown_member_id, out);
  rebalance_or_complete(now, out);
}

} // namespace chisme::groups
