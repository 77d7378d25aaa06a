#include "actors/groups/consumer_group.hpp"

#include "actors/groups/reconciliation.hpp"

namespace chisme::groups {

using request_type = kafka::consumer_group_heartbeat_request;
using response_type = kafka::consumer_group_heartbeat_response;

consumer_group::consumer_group(std::string id, consumer_group_settings settings, std::function<uuid()> new_id)
  : settings_(std::move(settings)), new_id_(std::move(new_id)), state_(std::move(id)) {}

void consumer_group::heartbeat(const asker& from, const request_type& request, timestamp_ms now,
                               const topic_catalog& catalog, consumer_group_effects& out) {
  turn t{from, request, now, catalog, out, request.member_id, {}};
  if (auto wrong = invalid(request, from.version))
    return refuse(t, std::move(*wrong));
  if (request.member_epoch < joining_epoch)
    return leave(t);
  if (auto wrong = unsupported(request, settings_))
    return refuse(t, std::move(*wrong));
  if (auto wrong = identify(t)) {
    if (wrong->code == error_code::fenced_member_epoch && is_ahead(t)) {
      fence(t.member, out);
      members_went(catalog, out);
    }
    return refuse(t, std::move(*wrong));
  }
  if (t.member.empty())
    t.member = to_string(new_id_());
  const bool says_something = t.joins || request.subscribed_topic_names || request.subscribed_topic_regex;
  if (says_something && says_too_much(t))
    return refuse(
      t, {error_code::group_max_size_reached, "The members of the group say more than fits into its records."});
  const auto changed = advance(t);
  restart_timers(t, changed);
  answer_with(t, changed);
}

/// It was told of an epoch that the group does not know any more: a record was damaged. As it is told now to give up
/// everything and to join again, it need not wait for the end of its session to do so.
bool consumer_group::is_ahead(const turn& t) const {
  const auto* member = state_.find(t.member);
  const bool may_be_asked = member && !member->is_classic() && member->current.epoch != away_epoch;
  return may_be_asked && t.request.member_epoch > member->current.epoch;
}

void consumer_group::leave(turn& t) {
  if (auto wrong = identify(t))
    return refuse(t, std::move(*wrong));
  if (t.request.member_epoch == away_epoch) {
    // It comes back under the same instance id: until its session ends, what it has waits for it.
    auto away = state_.find(t.member)->current;
    away.epoch = away_epoch;
    away.state = member_state::stable;
    away.revoking.clear();
    put(t.out, current_record(state_.id(), t.member, away));
    deadlines_.set_rebalance(t.member, std::nullopt);
  } else {
    fence(t.member, t.out);
    members_went(t.catalog, t.out);
  }
  response_type response;
  response.member_id = t.member;
  response.member_epoch = t.request.member_epoch;
  t.out.answers.push_back({t.from.to, std::move(response)});
}

consumer_group::change consumer_group::advance(turn& t) {
  if (!t.replaces.empty())
    take_over(t);
  const bool subscribes_anew = update_member(t);
  if (subscribes_anew)
    forget_unused_regexes(t.out);
  if (refresh_topics(t.now, t.catalog, t.out) || subscribes_anew || t.joins)
    next_epoch(t.catalog, t.out);
  if (state_.epoch() > state_.target_epoch() && may_assign(t.now))
    assign(t.now, t.catalog, t.out);
  return reconcile(t);
}

consumer_group::change consumer_group::reconcile(const turn& t) {
  const auto& member = *state_.find(t.member);
  const auto& current = member.current;
  if (current.state == member_state::stable && current.epoch == state_.target_epoch())
    return change::nothing;
  // What a repeated request says is from before the last answer: it is no proof that anything was given up
  // since.
  const bool says = t.request.topic_partitions.has_value() && !t.repeats;
  const auto owned = says ? to_set(*t.request.topic_partitions) : partition_set{};
  const auto next = reconciliation{
    current, member.target, state_.target_epoch(), says ? &owned : nullptr, [&](const auto& p) {
      return state_.is_free_for(p, member);
    }}.step();
  if (next == current)
    return change::nothing;
  const auto changed = next.assigned == current.assigned ? change::state : change::assignment;
  put(t.out, current_record(state_.id(), t.member, next));
  return changed;
}

void consumer_group::restart_timers(const turn& t, change changed) {
  const auto& member = *state_.find(t.member);
  deadlines_.set_session(t.member, t.now + session_timeout_of(member));
  if (changed == change::nothing)
    return;
  if (member.current.state != member_state::unrevoked_partitions)
    deadlines_.set_rebalance(t.member, std::nullopt);
  else
    deadlines_.set_rebalance(t.member, t.now + std::max(0, member.metadata.rebalance_timeout_ms));
}

void consumer_group::answer_with(const turn& t, change changed) {
  const auto& current = state_.find(t.member)->current;
  response_type response;
  response.member_id = t.member;
  response.member_epoch = current.epoch;
  response.heartbeat_interval_ms = settings_.heartbeat_interval();
  const bool subscribes = t.request.subscribed_topic_names || t.request.subscribed_topic_regex;
  const bool full = t.request.rebalance_timeout_ms != -1 && subscribes && t.request.topic_partitions;
  const bool joins = t.request.member_epoch == joining_epoch;
  if (joins || full || t.repeats || changed == change::assignment)
    response.assignment.emplace().topic_partitions = by_topic<response_type::assigned_topic>(current.assigned);
  t.out.answers.push_back({t.from.to, std::move(response)});
}

void consumer_group::refuse(const turn& t, error why) {
  response_type response;
  response.error = why.code;
  response.error_message = std::move(why.message);
  t.out.answers.push_back({t.from.to, std::move(response)});
}

/// By value: the name may be the member's own.
void consumer_group::fence(std::string member, consumer_group_effects& out) {
  deadlines_.erase(member);
  synced_.erase(member);
  put(out, current_assignment_record{state_.id(), member, std::nullopt});
  put(out, target_assignment_record{state_.id(), member, std::nullopt});
  put(out, member_metadata_record{state_.id(), member, std::nullopt});
}

void consumer_group::tick(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out) {
  // The rest of a crowd that is gone stays due: what is decided together has to fit into one batch.
  constexpr size_t most_bytes = 8 << 20, records = 3;
  bool fenced = false;
  size_t bytes = 0;
  while (const auto member = bytes < most_bytes ? deadlines_.due(now) : std::nullopt) {
    bytes += records * (state_.id().size() + member->size());
    if (!state_.find(*member)) { // gone with its group
      deadlines_.erase(std::string{*member});
      continue;
    }
    fence(std::string{*member}, out);
    fenced = true;
  }
  if (fenced)
    members_went(catalog, out);
}

void consumer_group::members_went(const topic_catalog& catalog, consumer_group_effects& out) {
  forget_unused_regexes(out);
  next_epoch(catalog, out);
}

int32_t consumer_group::session_timeout_of(const consumer_member& member) const {
  return member.is_classic() ? member.metadata.classic->session_timeout_ms : settings_.session_timeout();
}

void consumer_group::loaded(timestamp_ms now) {
  deadlines_.clear();
  synced_.clear();
  for (const auto& [name, member] : state_.members()) {
    // Whose record was damaged does not say again by itself what it wants: it is to join anew.
    deadlines_.set_session(name, member.is_known ? now + session_timeout_of(member) : now);
    if (member.current.state == member_state::unrevoked_partitions)
      deadlines_.set_rebalance(name, now + std::max(0, member.metadata.rebalance_timeout_ms));
  }
}

void consumer_group::put(consumer_group_effects& out, consumer_group_record record) {
  state_.apply(record);
  out.records.push_back(std::move(record));
}

} // namespace chisme::groups
