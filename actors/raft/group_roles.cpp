// Who follows, campaigns and leads: the changes of role, and the messages that bring them about.
#include "actors/raft/group.hpp"

#include <algorithm>
#include <stdexcept>

namespace chisme::raft {

// -- roles -------------------------------------------------------------------------------------------------------

/// "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower" (Raft figure
/// 2).
void group::adopt(leader_epoch_t epoch, node_id vote, context c) {
  hard_.term = epoch;
  hard_.voted_for = vote;
  parked_.clear();
  store(c);
  follow(nobody, c);
}

void group::follow(node_id leader, context c) {
  const bool was_led = is_leader_trusted_ || role_ != role::follower;
  role_ = role::follower;
  leading_.reset();
  campaign_.reset();
  votes_are_due_ = false;
  leader_ = leader;
  is_leader_trusted_ = leader != nobody && !is_silent(leader);
  following_ = {};
  if (was_led)
    patience_ms_ = election_patience();
  c.out.push_back(output::follow{leader, hard_.term});
}

bool group::hear_leader(node_id from, leader_epoch_t epoch, context c) {
  if (epoch < hard_.term) {
    say({from, peer::raft_append_answer{id_, hard_.term, peer::raft_append_outcome::stale, {}, {}}}, c);
    return false;
  }
  if (epoch > hard_.term)
    adopt(epoch, nobody, c);
  if (leading_ || (leader_ != nobody && leader_ != from))
    throw std::logic_error("raft: two leaders in epoch " + std::to_string(epoch));
  if (leader_ != from || role_ != role::follower)
    follow(from, c);
  if (hard_.has_lost_disk)
    note_loss(epoch, c);
  return true;
}

// -- elections ---------------------------------------------------------------------------------------------------

void group::campaign_for(campaign::phase p, campaign::kind k, std::optional<configuration> next, context c) {
  role_ = role::candidate;
  leading_.reset();
  is_leader_trusted_ = false;
  following_ = {};
  if (p == campaign::phase::vote) {
    leader_ = nobody;
    hard_.term += 1;
    hard_.voted_for = self_;
    parked_.clear();
    store(c);
    patience_ms_ = election_patience();
    // The one that runs is that of the last phase.
    alarm_ = alarm::none;
  }
  const auto epoch = p == campaign::phase::vote ? hard_.term : hard_.term + 1;
  campaign_ = std::make_unique<campaign>(p, k, epoch, self_, std::move(next));
  c.out.push_back(output::candidate{hard_.term, k == campaign::kind::move});
  votes_are_due_ = stores_ > 0;
  if (!votes_are_due_)
    ask_for_votes(c);
}

void group::ask_for_votes(context c) {
  const auto request = campaign_->request(id_, c.log.end_position());
  for (auto node : voters_.everybody())
    if (node != self_)
      c.out.push_back(output::send{node, request});
  count_votes(c);
}

void group::count_votes(context c) {
  if (!campaign_->is_won(voters_))
    return;
  if (campaign_->now() == campaign::phase::vote)
    return lead(c);
  auto next = campaign_->next();
  campaign_for(campaign::phase::vote, campaign::kind::ordinary, std::move(next), c);
}

/// The mark is the first entry of the epoch: with it everything before is committed (section 5.4.2, thesis 6.4).
void group::lead(context c) {
  const auto next = std::exchange(campaign_, nullptr)->next();
  role_ = role::leader;
  leader_ = self_;
  leading_ = std::make_unique<leader>(id_, self_, hard_.term, commit_, false, how_);
  c.out.push_back(output::lead{hard_.term, false});
  peer::raft_mark mark{hard_.term, c.log.end, std::nullopt};
  if (next)
    mark.config = next->message();
  c.out.push_back(output::write_mark{std::move(mark)});
}

/// A group of one that never had another member stores no votes: nobody else asks for them.
void group::lead_alone(leader_epoch_t told, context c) {
  hard_.term = std::max(c.log.last_epoch(), told) + 1;
  hard_.voted_for = self_;
  role_ = role::leader;
  leader_ = self_;
  leading_ = std::make_unique<leader>(id_, self_, hard_.term, commit_, true, how_);
  c.out.push_back(output::lead{hard_.term, true});
}

void group::on(const input::vote_request& x, context c) {
  const auto& asked = x.message;
  const bool is_led_by_other = role_ == role::leader || (is_leader_trusted_ && leader_ != x.from);
  const voter me{hard_, c.log.end_position(), may_vote(), is_led_by_other};
  if (asked.pre_vote) {
    const bool granted = grants_pre_vote(me, asked);
    return say({x.from, peer::raft_vote_answer{id_, granted ? asked.epoch : hard_.term, true, granted}}, c);
  }
  if (ignores(me, asked))
    return;
  const bool is_newer = asked.epoch > hard_.term;
  const hard_state there{is_newer ? asked.epoch : hard_.term, is_newer ? nobody : hard_.voted_for};
  const voter in_that_epoch{there, me.last, me.may_vote};
  const bool granted = (is_newer || role_ == role::follower) && grants_vote(in_that_epoch, x.from, asked);
  if (is_newer) {
    // One write for the epoch and the vote.
    adopt(asked.epoch, granted ? x.from : nobody, c);
  } else if (granted && hard_.voted_for == nobody) {
    hard_.voted_for = x.from;
    store(c);
  }
  if (granted) {
    patience_ms_ = election_patience();
    alarm_ = alarm::none;
  }
  say({x.from, peer::raft_vote_answer{id_, hard_.term, false, granted}}, c);
}

void group::on(const input::vote_answer& x, context c) {
  if (!x.message.granted && x.message.epoch > hard_.term)
    return adopt(x.message.epoch, nobody, c);
  if (campaign_ && !votes_are_due_ && campaign_->answered(x.from, x.message))
    count_votes(c);
}

void group::on(const input::timeout_now& x, context c) {
  if (x.message.epoch == hard_.term && x.from == leader_ && role_ == role::follower && may_campaign())
    campaign_for(campaign::phase::vote, campaign::kind::transfer, std::nullopt, c);
}

// -- following ---------------------------------------------------------------------------------------------------

void group::on(const input::append& x, context c) {
  const auto& m = *x.message;
  if (!hear_leader(x.from, m.epoch, c) || following_.is_copying())
    return;
  following_.sent();
  const auto plan = plan_append(c.log, commit_, m, x.batches);
  if (plan.what == append_plan::verdict::malformed)
    return;
  if (plan.what == append_plan::verdict::diverged)
    return say(
      {x.from, peer::raft_append_answer{id_, hard_.term, peer::raft_append_outcome::diverged, plan.at, m.prev}}, c);
  following_.leader_commits(m.commit);
  if (!plan.has_more)
    return following_.matches(plan.at);
  if (plan.cut)
    c.out.push_back(output::truncate{*plan.cut});
  following_.copying(plan.at);
  c.out.push_back(output::copy{plan.first_mark, plan.first_batch});
}

void group::on(const input::reset& x, context c) {
  const auto& m = *x.message;
  if (!hear_leader(x.from, m.epoch, c) || following_.is_copying())
    return;
  following_.sent();
  if (m.marks.empty() || m.marks.back().epoch != m.start.epoch || m.start.offset > m.commit)
    return;
  following_.leader_commits(m.commit);
  if (matches(c.log, m.start))
    return following_.matches(m.start);
  following_.copying(m.start);
  c.out.push_back(output::reset{});
}

void group::on(const input::copied&, context) { following_.copied(true); }
void group::on(const input::copy_failed&, context) { following_.copied(false); }

} // namespace chisme::raft
