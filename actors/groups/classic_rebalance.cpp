// How members meet: from the first that comes or goes until all have been told of the new generation.

#include "actors/groups/classic_group.hpp"

#include <algorithm>
#include <limits>

namespace chisme::groups {

void classic_group::rebalance_or_complete(timestamp_ms now, effects& out) {
  if (state_ == classic_state::preparing_rebalance)
    maybe_complete_join(now, out);
  else
    prepare_rebalance(now, out);
}

void classic_group::prepare_rebalance(timestamp_ms now, effects& out) {
  sync_deadline_.reset();
  if (state_ == classic_state::completing_rebalance) {
    for (auto& [id, m] : members_) {
      answer_sync(m, error::rebalance_in_progress, out);
      arm(m, now);
    }
  }
  const bool was_empty = state_ == classic_state::empty;
  state_ = classic_state::preparing_rebalance;
  if (was_empty)
    return begin_initial_rebalance(now, out);
  join_deadline_ = now + longest_rebalance_timeout();
  maybe_complete_join(now, out);
}

/// The members of an application start one after the other: the first one waits a while for the rest.
void classic_group::begin_initial_rebalance(timestamp_ms now, effects& out) {
  const auto delay = around_->settings.initial_rebalance_delay_ms;
  is_initial_ = true;
  was_joined_ = false;
  initial_ms_left_ = std::max(longest_rebalance_timeout() - delay, 0);
  join_deadline_ = now + delay;
  if (delay <= 0)
    complete_join(now, out);
}

void classic_group::join_is_due(timestamp_ms now, effects& out) {
  if (is_initial_ && was_joined_ && initial_ms_left_ > 0) {
    const auto more = std::min<int64_t>(around_->settings.initial_rebalance_delay_ms, initial_ms_left_);
    was_joined_ = false;
    initial_ms_left_ -= more;
    join_deadline_ = now + more;
    return;
  }
  complete_join(now, out);
}

void classic_group::maybe_complete_join(timestamp_ms now, effects& out) {
  if (state_ == classic_state::preparing_rebalance && !is_initial_ && pending_.empty() &&
      parked_joins_ == members_.size())
    complete_join(now, out);
}

void classic_group::complete_join(timestamp_ms now, effects& out) {
  remove_stragglers(out);
  if (members_.empty())
    return become_empty(now, out);
  if (!elect_leader()) {
    // Only static members are left and none of them is here: they have until their sessions end. A client may have
    // given no time at all, and a deadline that is always due would never let tick() end.
    join_deadline_ = now + std::max(longest_rebalance_timeout(), 1000);
    return;
  }
  join_deadline_.reset();
  is_initial_ = false;
  next_generation();
  protocol_ = select_protocol();
  state_ = classic_state::completing_rebalance;
  state_since_ = now;
  recall_subscriptions();
  not_synced_.clear();
  for (auto& [id, m] : members_) {
    answer_join(m, out);
    m.is_new = false;
    m.former_epoch.reset();
    not_synced_.insert(id);
    arm(m, now);
  }
  sync_deadline_ = now + longest_rebalance_timeout();
  save(out);
}

void classic_group::remove_stragglers(effects& out) {
  std::vector<std::string> gone;
  for (const auto& [id, m] : members_)
    if (!m.join && !m.instance)
      gone.push_back(id);
  for (const auto& id : gone)
    remove(id, error::unknown_member_id, out);
}

/// The leader stays where it is here; false where nobody is.
bool classic_group::elect_leader() {
  auto is_here = [](const auto& entry) { return entry.second.join.has_value(); };
  if (leader_)
    if (const auto* m = find(*leader_); m && m->join)
      return true;
  auto i = std::ranges::find_if(members_, is_here);
  if (i == members_.end())
    return false;
  leader_ = i->first;
  return true;
}

void classic_group::become_empty(timestamp_ms now, effects& out) {
  join_deadline_.reset();
  sync_deadline_.reset();
  is_initial_ = false;
  next_generation();
  protocol_.reset();
  leader_.reset();
  state_ = classic_state::empty;
  state_since_ = now;
  recall_subscriptions();
  save(out);
}

/// Members that were told of the generation and never asked for their part hold it up for the others.
void classic_group::sync_is_due(timestamp_ms now, effects& out) {
  sync_deadline_.reset();
  const auto gone = not_synced_;
  for (const auto& id : gone)
    remove(id, error::unknown_member_id, out);
  if (!gone.empty())
    prepare_rebalance(now, out);
}

void classic_group::next_generation() {
  generation_ = generation_ == std::numeric_limits<int32_t>::max() ? 1 : generation_ + 1;
}

/// Of the protocols that all support the one that most like best; of equals the one that the leader likes better.
std::string classic_group::select_protocol() const {
  auto is_common = [&](const std::string& name) {
    auto i = supported_.find(name);
    return i != supported_.end() && static_cast<size_t>(i->second) == members_.size();
  };
  std::map<std::string_view, size_t> votes;
  for (const auto& [id, m] : members_) {
    auto choice = std::ranges::find_if(m.protocols, [&](const auto& p) { return is_common(p.name); });
    if (choice != m.protocols.end())
      ++votes[choice->name];
  }
  std::string best;
  size_t most = 0;
  const auto& asked = members_.at(leader_ && members_.contains(*leader_) ? *leader_ : members_.begin()->first);
  for (const auto& p : asked.protocols)
    if (auto i = votes.find(p.name); i != votes.end() && i->second > most) {
      most = i->second;
      best = p.name;
    }
  return best;
}

int32_t classic_group::longest_rebalance_timeout() const {
  int32_t longest = 0;
  for (const auto& [id, m] : members_)
    longest = std::max(longest, m.rebalance_timeout_ms);
  return longest;
}

} // namespace chisme::groups
