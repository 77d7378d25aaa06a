// A classic group that becomes a consumer group, or was one: see group_conversion.hpp.

#include "actors/groups/classic_group.hpp"

namespace chisme::groups {

classic_group_members classic_group::members() const {
  classic_group_members out;
  out.generation = generation_;
  out.protocol_type = protocol_type_.value_or("");
  out.protocol = protocol_.value_or("");
  for (const auto& [id, m] : members_) {
    if (m.is_new)
      continue;
    auto& to = out.members.emplace_back();
    to.id = id;
    to.instance_id = m.instance;
    to.client_id = m.client_id;
    to.client_host = m.client_host;
    to.rebalance_timeout_ms = m.rebalance_timeout_ms;
    to.session_timeout_ms = m.session_timeout_ms;
    for (const auto& p : m.protocols)
      to.protocols.push_back({p.name, p.metadata});
    to.assignment = m.assignment;
    to.generation = m.former_epoch.value_or(generation_);
  }
  return out;
}

void classic_group::dissolve(effects& out) {
  for (auto& [id, m] : members_)
    unpark(m, error::rebalance_in_progress, out);
}

void classic_group::resume(const classic_group_members& from, timestamp_ms now, effects& out) {
  protocol_type_ = from.protocol_type;
  protocol_ = from.protocol;
  generation_ = from.generation;
  for (const auto& m : from.members) {
    auto& to = members_[m.id];
    to.id = m.id;
    to.instance = m.instance_id;
    to.client_id = m.client_id;
    to.client_host = m.client_host;
    to.rebalance_timeout_ms = m.rebalance_timeout_ms;
    to.session_timeout_ms = m.session_timeout_ms;
    for (const auto& p : m.protocols)
      to.protocols.push_back({p.name, p.metadata});
    assign(to, m.assignment);
    to.former_epoch = m.generation;
    if (to.instance)
      statics_[*to.instance] = to.id;
    count_protocols(to, 1);
    arm(to, now);
  }
  recall_subscriptions();
  // They have come to no assignment of their own: so it is written, and read after a restart.
  state_ = classic_state::completing_rebalance;
  state_since_ = now;
  save(out);
  prepare_rebalance(now, out);
}

} // namespace chisme::groups
