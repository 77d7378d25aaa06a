#include "actors/raft/leader.hpp"

#include <algorithm>

namespace chisme::raft {

namespace {

bool contains(const std::vector<node_id>& ids, node_id id) { return std::ranges::find(ids, id) != ids.end(); }

} // namespace

leader::leader(peer::raft_group group, node_id self, leader_epoch_t epoch, offset_t commit, bool mark_is_due,
               const options& how)
  : group_(group), self_(self), epoch_(epoch), commit_(commit), mark_is_due_(mark_is_due), how_(how) {}

// -- the own log ---------------------------------------------------------------------------------------------------

void leader::heed_log(const configuration& voters, const std::vector<node_id>& silent, context c) {
  if (!commits_ && c.log.last_epoch() == epoch_)
    mark_is_there(voters, silent, c.log);
  count_self(voters, c);
  for (auto& p : followers_)
    pump(p, c);
  hand_over(c);
}

/// From now on the log is copied, beginning right before the mark: who holds all that was before needs one message. The
/// configuration in force is the one that the mark carries, if it does.
void leader::mark_is_there(const configuration& voters, const std::vector<node_id>& silent, const log_view& log) {
  const auto& marks = log.marks.marks();
  const auto start = marks.back().start_offset;
  const position before{marks.size() > 1 ? marks[marks.size() - 2].epoch : -1, start};
  commits_.emplace(voters, position{epoch_, start}, std::min(commit_, start));
  for (auto node : voters.everybody())
    if (node != self_ && !find(node))
      add(node, before, contains(silent, node));
}

void leader::count_self(const configuration& voters, context c) {
  if (commits_)
    return count(self_, c.log.synced, c);
  // A group of one whose epoch has no entry yet: what it has on disk is committed.
  if (!mark_is_due_ || !voters.is_alone(self_))
    return;
  commit(c.log.synced.offset, c);
  if (c.log.synced >= c.log.end_position())
    establish(c);
}

void leader::count(node_id node, position synced, context c) {
  if (!commits_)
    return;
  if (const auto moved = commits_->synced(node, synced))
    commit(*moved, c);
  if (commits_->has_mark())
    establish(c);
}

void leader::establish(context c) {
  if (!std::exchange(is_established_, true))
    c.out.push_back(output::established{epoch_});
}

void leader::commit(offset_t offset, context c) {
  if (offset <= commit_)
    return;
  commit_ = offset;
  c.out.push_back(output::commit{offset});
}

// -- followers -----------------------------------------------------------------------------------------------------

progress* leader::find(node_id node) {
  const auto i = std::ranges::find(followers_, node, &progress::node);
  return i == followers_.end() ? nullptr : &*i;
}

const progress* leader::find(node_id node) const {
  const auto i = std::ranges::find(followers_, node, &progress::node);
  return i == followers_.end() ? nullptr : &*i;
}

void leader::add(node_id node, position from, bool silent) { followers_.emplace_back(node, from, silent); }

void leader::pump(progress& p, context c) {
  if ((!commits_ && !mark_is_due_) || !p.may_send(how_.max_in_flight))
    return;
  // The epoch of a group of one is on disk with its mark only, and would be led in again after a crash: nobody else may
  // have seen it before.
  if (mark_is_due_ && c.log.synced.epoch != c.log.last_epoch())
    return;
  if (p.now() == progress::state::replicate && p.next() >= c.log.end_position() && !p.is_owed_word())
    return;
  if (p.now() != progress::state::reset && !c.log.holds(p.next()))
    p.reset();
  p.ask();
  if (p.now() == progress::state::reset)
    return c.out.push_back(output::send_reset{p.node(), epoch_, commit_});
  const auto bytes = p.now() == progress::state::probe ? how_.max_probe_bytes : how_.max_append_bytes;
  c.out.push_back(output::replicate{p.node(), epoch_, p.next(), commit_, bytes});
}

void leader::sent(const input::replicated& x, context c) {
  auto* p = find(x.to);
  if (!p)
    return;
  p->sent(x.prev, x.next);
  pump(*p, c);
}

void leader::not_sent(const input::not_sent& x, context c) {
  auto* p = find(x.to);
  if (!p)
    return;
  if (x.reason != not_sent_reason::behind_start || p->now() == progress::state::reset)
    return p->hold_up();
  p->reset();
  pump(*p, c);
}

void leader::sendable(node_id to, context c) {
  if (auto* p = find(to)) {
    p->go_on();
    pump(*p, c);
  }
}

void leader::announce(context c) {
  for (auto& p : followers_) {
    p.owe_word();
    pump(p, c);
  }
}

void leader::answered(node_id from, const peer::raft_append_answer& answer, context c) {
  auto* p = find(from);
  if (!p || answer.epoch != epoch_)
    return;
  p->go_on(); // the link takes something again
  if (answer.outcome == peer::raft_append_outcome::synced) {
    p->lost_disk(false);
    p->acknowledged(answer.at);
    count(from, answer.at, c);
  } else if (answer.outcome == peer::raft_append_outcome::observed) {
    p->lost_disk(true);
    p->acknowledged(answer.at);
  } else if (answer.outcome == peer::raft_append_outcome::diverged && p->is_refusal(answer.prev)) {
    p->probe(common_with(answer.at, c.log));
  }
  pump(*p, c);
  hand_over(c);
}

/// The last position of this log that may be in one of which `hint` is told (KIP-101: the end of the newest epoch that
/// is not newer).
position leader::common_with(position hint, const log_view& log) const {
  const auto own = log.end_of(hint.epoch);
  return own.epoch == hint.epoch ? std::min(own, hint) : own;
}

void leader::follow(node_id from, const peer::raft_follow& message, bool is_silent, context c) {
  const auto at = common_with(message.last, c.log);
  if (auto* known = find(from))
    known->probe(at);
  else
    add(from, at, is_silent);
  pump(*find(from), c);
}

void leader::silent(node_id node) {
  if (auto* p = find(node))
    p->silent();
}

void leader::forget(node_id observer) {
  std::erase_if(followers_, [&](const progress& p) { return p.node() == observer; });
  std::erase(wanted_, observer);
}

void leader::heard(node_id node, context c) {
  if (auto* p = find(node)) {
    p->heard();
    pump(*p, c);
  }
}

void leader::restarted(node_id node, context c) {
  if (auto* p = find(node)) {
    p->restarted();
    pump(*p, c);
  }
}

void leader::tick(context c) {
  for (auto& p : followers_) {
    p.tick();
    pump(p, c);
  }
  if (is_handing_over() && ++transfer_ticks_ * how_.retry_ms >= how_.election_timeout_ms)
    transfer_to_ = nobody;
}

bool leader::needs_timer() const {
  return is_handing_over() || std::ranges::any_of(followers_, [](const progress& p) { return p.is_waiting(); });
}

void leader::add_followers(std::vector<node_id>& out) const {
  for (const auto& p : followers_)
    out.push_back(p.node());
}

bool leader::is_in_sync(node_id voter) const {
  const auto* p = find(voter);
  return voter == self_ || (p && !p->is_silent() && !p->has_lost_disk() && p->now() == progress::state::replicate);
}

std::vector<node_id> leader::in_sync(const configuration& now) const {
  auto nodes = now.everybody();
  std::erase_if(nodes, [this](node_id id) { return !is_in_sync(id); });
  return nodes;
}

size_t leader::in_sync_count(const configuration& now) const {
  const auto stays = [&](node_id id) { return std::ranges::binary_search(now.voters(), id); };
  const auto of_voters = std::ranges::count_if(now.voters(), [this](node_id id) { return is_in_sync(id); });
  const auto of_outgoing =
    std::ranges::count_if(now.outgoing(), [&](node_id id) { return !stays(id) && is_in_sync(id); });
  return static_cast<size_t>(of_voters + of_outgoing);
}

size_t leader::memory() const {
  return followers_.capacity() * sizeof(progress) + (commits_ ? commits_->memory() : 0) +
         wanted_.capacity() * sizeof(node_id);
}

} // namespace chisme::raft
