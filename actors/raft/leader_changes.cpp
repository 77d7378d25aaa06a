// A leader that hands its leadership over, or changes who votes.
#include "actors/raft/leader.hpp"

namespace chisme::raft {

// -- leadership transfer (Raft thesis, section 3.10) -----------------------------------------------------------------

void leader::transfer(node_id to, const configuration& voters, context c) {
  const auto* p = find(to);
  if (!is_established_ || !p || p->is_silent() || p->has_lost_disk() || !voters.is_voter(to))
    return;
  transfer_to_ = to;
  timeout_is_sent_ = false;
  transfer_ticks_ = 0;
  hand_over(c);
}

void leader::hand_over(context c) {
  if (!is_handing_over() || timeout_is_sent_)
    return;
  const auto* p = find(transfer_to_);
  if (!p || p->match() != c.log.end_position())
    return;
  timeout_is_sent_ = true;
  c.out.push_back(output::send{transfer_to_, peer::raft_timeout_now{group_, epoch_}});
}

node_id leader::successor(const configuration& now) const {
  const progress* best = nullptr;
  for (const auto& p : followers_)
    if (now.is_voter(p.node()) && !p.is_silent() && !p.has_lost_disk() && (!best || p.match() > best->match()))
      best = &p;
  return best ? best->node() : nobody;
}

// -- membership (Raft section 6) -------------------------------------------------------------------------------------

/// New voters observe until they have caught up (thesis 4.2.1), so that no commit has to wait for them.
void leader::reconfigure(std::vector<node_id> voters, const configuration& now, const std::vector<node_id>& silent,
                         context c) {
  const configuration next{std::move(voters)};
  wanted_.clear();
  if (next.size() == 0 || next == now)
    return;
  wanted_ = next.voters();
  for (auto node : wanted_)
    if (node != self_ && !find(node))
      add(node, c.log.end_position(), std::ranges::find(silent, node) != silent.end());
  for (auto& p : followers_)
    pump(p, c);
}

bool leader::has_caught_up(node_id node) const {
  const auto* p = find(node);
  return node == self_ ||
         (p && !p->is_silent() && p->now() == progress::state::replicate && p->match().offset >= commit_);
}

// -- replicas that have lost their disks ------------------------------------------------------------------------------

/// Those who do not vote, and do not hold on to what they promised, are not needed for a change.
bool leader::can_decide(const configuration& c) const {
  return c.has_quorum([this](node_id id) { return is_in_sync(id); });
}

/// A voter that cannot vote is taken out, so that the others decide with a majority of those who can; then it is taken
/// in anew. Not where that cannot be decided now: the attempt would cost the leadership.
std::optional<configuration> leader::without_lost_disks(const configuration& now) const {
  auto left = now.voters();
  std::erase_if(left, [this](node_id id) {
    const auto* p = find(id);
    return p && p->has_lost_disk();
  });
  if (left.size() == now.size())
    return std::nullopt;
  auto next = now.joint_with(left);
  return can_decide(next) ? std::optional{std::move(next)} : std::nullopt;
}

/// One that has the marks of this epoch knows that it was taken out.
std::optional<configuration> leader::with_one_taken_in(const configuration& now) const {
  for (const auto& p : followers_) {
    if (!p.has_lost_disk() || now.is_voter(p.node()) || p.match().epoch != epoch_ || !has_caught_up(p.node()))
      continue;
    auto all = now.voters();
    all.push_back(p.node());
    if (can_decide(now))
      return now.joint_with(all);
  }
  return std::nullopt;
}

/// One step at a time: each begins when the mark before is committed.
std::optional<configuration> leader::next_configuration(const configuration& now) const {
  if (!is_established_ || is_handing_over())
    return std::nullopt;
  if (now.is_joint())
    return now.joined();
  if (auto next = without_lost_disks(now))
    return next;
  if (wanted_.empty())
    return with_one_taken_in(now);
  for (auto node : wanted_)
    if (!now.is_voter(node) && !has_caught_up(node))
      return std::nullopt;
  return now.joint_with(wanted_);
}

} // namespace chisme::raft
