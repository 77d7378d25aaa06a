#include "actors/raft/group.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace chisme::raft {

group::group(peer::raft_group id, node_id self, configuration initial, const options& how, random_source& random)
  : id_(id), self_(self), how_(how), random_(random.bits()), initial_(std::move(initial)), voters_(initial_) {}

void group::step(const input_variant& in, const log_view& log, outputs& out) {
  if (role_ == role::stopped || (role_ == role::unopened && !std::holds_alternative<input::opened>(in) &&
                                 !std::holds_alternative<input::stop>(in)))
    return;
  const context c{log, out};
  note_configuration(log);
  std::visit([&](const auto& x) { on(x, c); }, in);
  if (role_ != role::stopped)
    heed(c);
}

bool group::takes_appends() const { return is_established() && !leading_->is_handing_over(); }

std::vector<node_id> group::members() const {
  auto all = voters_.everybody();
  if (leading_)
    leading_->add_followers(all);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::vector<node_id> group::in_sync() const { return leading_ ? leading_->in_sync(voters_) : std::vector<node_id>{}; }

bool group::are_in_sync(const std::vector<node_id>& nodes) const {
  const auto is_one = [this](node_id id) { return voters_.is_voter(id) && leading_->is_in_sync(id); };
  return nodes.size() == in_sync_count() && std::ranges::all_of(nodes, is_one);
}

offset_t group::held_by(size_t voters) const { return leading_ ? leading_->held_by(voters) : 0; }

// -- what every step looks at ------------------------------------------------------------------------------------

/// "A server always uses the latest configuration in its log, regardless of whether the entry is committed" (section
/// 6).
void group::note_configuration(const log_view& log) {
  const auto* latest = log.configurations.latest();
  const auto since = latest ? latest->epoch : -1;
  if (std::exchange(voters_since_, since) != since)
    voters_ = latest ? latest->config : initial_;
  const auto& all = log.configurations.entries();
  was_voter_ = (all.size() < 2 ? initial_ : all[all.size() - 2].config).is_voter(self_);
}

void group::heed(context c) {
  if (hard_.has_lost_disk)
    note_admission(c.log, c);
  if (leading_)
    heed_leadership(c);
  else
    heed_following(c);
  set_alarm(c);
}

void group::heed_leadership(context c) {
  leading_->heed_log(voters_, silent_, c);
  commit_ = leading_->high_watermark();
  if (leading_->is_removed(voters_)) {
    if (const auto next = leading_->successor(voters_); next != nobody)
      c.out.push_back(output::send{next, peer::raft_timeout_now{id_, hard_.term}});
    return follow(nobody, c);
  }
  if (auto next = leading_->next_configuration(voters_))
    campaign_for(campaign::phase::vote, campaign::kind::move, std::move(next), c);
}

void group::heed_following(context c) {
  // Retention takes nothing that is not committed.
  const auto known = std::max(following_.committed(c.log.synced), c.log.start);
  if (known > commit_ && !following_.is_copying()) {
    commit_ = known;
    c.out.push_back(output::commit{commit_});
  }
  if (leader_ == nobody || stores_ > 0)
    return;
  const auto outcome = hard_.has_lost_disk ? peer::raft_append_outcome::observed : peer::raft_append_outcome::synced;
  if (const auto at = following_.answer(c.log.synced))
    c.out.push_back(output::send{leader_, peer::raft_append_answer{id_, hard_.term, outcome, *at, {}}});
}

/// One alarm at most, and none for a group that has a leader and waits for nothing. Who has lost its disk waits until
/// it is taken in anew.
void group::set_alarm(context c) {
  auto wanted = alarm::none;
  if (leading_)
    wanted = leading_->needs_timer() ? alarm::retry : alarm::none;
  else if (hard_.has_lost_disk || (!voters_.is_voter(self_) && !is_leader_trusted_))
    wanted = alarm::election;
  else if (is_leader_trusted_)
    wanted = following_.was_sent_anything() ? alarm::none : alarm::retry;
  else if (may_campaign() || following_.is_copying())
    wanted = alarm::election;
  if (std::exchange(alarm_, wanted) != wanted && wanted != alarm::none)
    c.out.push_back(output::wake{wanted == alarm::retry ? how_.retry_ms : patience_ms_});
}

void group::on(const input::timer&, context c) {
  const auto due = std::exchange(alarm_, alarm::none);
  if (due == alarm::retry && leading_)
    return leading_->tick(c);
  if (due == alarm::retry && leader_ != nobody)
    return c.out.push_back(output::send{leader_, peer::raft_follow{id_, hard_.term, c.log.end_position()}});
  if (due != alarm::election)
    return;
  patience_ms_ = election_patience();
  if (may_campaign())
    campaign_for(campaign::phase::pre_vote, campaign::kind::ordinary, campaign_ ? campaign_->next() : std::nullopt, c);
  else if (hard_.has_lost_disk || !voters_.is_voter(self_))
    ask_to_be_sent(c);
}

/// An observer, or one that has been taken out, is nobody's follower where another leader was elected since, and nobody
/// tells it that the one it knows leads no more: while nothing is sent to it, it says to all that it is there.
void group::ask_to_be_sent(context c) {
  if (following_.was_sent_anything())
    return following_.unsent();
  auto all = voters_.everybody();
  std::ranges::copy(initial_.everybody(), std::back_inserter(all));
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (auto node : all)
    if (node != self_)
      c.out.push_back(output::send{node, peer::raft_follow{id_, hard_.term, c.log.end_position()}});
}

// -- beginning and end -------------------------------------------------------------------------------------------

/// A log may be ahead of the hard state: that of a group of one, which stores none, or a leader's mark that came before
/// the epoch was stored. Whatever was voted in that epoch, it does not vote in it again.
void group::on(const input::opened& x, context c) {
  if (role_ != role::unopened)
    return;
  role_ = role::follower;
  hard_ = x.stored;
  const bool never_stored = hard_.term < 0;
  if (c.log.last_epoch() > hard_.term) {
    hard_.term = c.log.last_epoch();
    hard_.voted_for = self_;
  }
  commit_ = c.log.start;
  patience_ms_ = election_patience();
  if (never_stored && voters_.is_alone(self_) && may_vote())
    return lead_alone(x.told, c);
  if (voters_.is_alone(self_))
    patience_ms_ = 0;
  c.out.push_back(output::follow{nobody, hard_.term});
  greet(x.first, c);
}

/// The replicas of a new group are opened one after the other. The first leader campaigns at once, and asks those who
/// were not there yet when they say that they are.
void group::greet(node_id first, context c) {
  if (first == self_)
    patience_ms_ = 0;
  else if (first != nobody)
    c.out.push_back(output::send{first, peer::raft_follow{id_, hard_.term, c.log.end_position()}});
}

void group::on(const input::stop&, context) {
  role_ = role::stopped;
  leading_.reset();
  campaign_.reset();
  parked_.clear();
  is_leader_trusted_ = false;
}

// -- hard state --------------------------------------------------------------------------------------------------

void group::store(context c) {
  ++stores_;
  c.out.push_back(output::store{hard_});
}

void group::on(const input::stored&, context c) {
  if (stores_ == 0 || --stores_ > 0)
    return;
  for (auto& p : std::exchange(parked_, {}))
    c.out.push_back(std::move(p));
  if (std::exchange(votes_are_due_, false) && campaign_)
    ask_for_votes(c);
}

void group::say(output::send what, context c) {
  if (stores_ > 0)
    parked_.push_back(std::move(what));
  else
    c.out.push_back(std::move(what));
}

namespace {

/// The mark with which a replica is taken in that did not count before.
bool takes_in(const configuration_history::entry& e, node_id self, leader_epoch_t behind) {
  return e.epoch > behind && e.config.is_joint() && e.config.is_voter(self) &&
         !std::ranges::binary_search(e.config.outgoing(), self);
}

} // namespace

/// Whoever is heard while the log does not say that this replica votes no more may be a leader of long ago, or one that
/// has not heard of the loss yet: configurations up to its epoch tell nothing of what came of the loss.
void group::note_loss(leader_epoch_t heard, context c) {
  const bool is_taken_in = std::ranges::any_of(c.log.configurations.entries(),
                                               [&](const auto& e) { return takes_in(e, self_, hard_.lost_until); });
  if (heard <= hard_.lost_until || (hard_.lost_until >= 0 && (!voters_.is_voter(self_) || is_taken_in)))
    return;
  hard_.lost_until = heard;
  store(c);
}

/// It was taken out of the configuration and in again after the loss: what it may have promised before has no weight.
/// That counts when it is committed, which the next configuration tells: else it might go away again, and nobody would
/// know any more that this replica is to be taken in.
void group::note_admission(const log_view& log, context c) {
  const auto& all = log.configurations.entries();
  if (hard_.lost_until < 0 || all.size() < 2)
    return;
  const bool is_admitted =
    std::any_of(all.begin(), std::prev(all.end()), [&](const auto& e) { return takes_in(e, self_, hard_.lost_until); });
  if (!is_admitted)
    return;
  hard_.has_lost_disk = false;
  hard_.lost_until = -1;
  store(c);
}

// -- nodes -------------------------------------------------------------------------------------------------------

void group::lose_leader(uint32_t patience_ms) {
  if (leading_ || !is_leader_trusted_)
    return;
  is_leader_trusted_ = false;
  following_.unsent();
  patience_ms_ = patience_ms;
}

void group::on(const input::leader_silent&, context) { lose_leader(random_below(how_.silence_spread_ms)); }

void group::on(const input::peer_silent& x, context c) {
  if (!is_silent(x.node))
    silent_.push_back(x.node);
  if (x.node == leader_)
    lose_leader(random_below(how_.silence_spread_ms));
  if (!leading_)
    return;
  leading_->silent(x.node);
  // A leader that does not hear a majority may have been replaced (check quorum, thesis 6.2).
  if (!voters_.has_quorum([&](node_id id) { return id == self_ || !is_silent(id); }))
    follow(nobody, c);
}

void group::on(const input::peer_heard& x, context c) {
  std::erase(silent_, x.node);
  if (leading_)
    leading_->heard(x.node, c);
}

void group::on(const input::peer_restarted& x, context c) {
  if (x.node == leader_)
    lose_leader(random_below(how_.silence_spread_ms));
  if (leading_)
    leading_->restarted(x.node, c);
}

void group::on(const input::heartbeat& x, context c) {
  if (!x.leads) {
    if (x.from == leader_ && x.epoch >= hard_.term)
      lose_leader(random_below(how_.silence_spread_ms));
    return;
  }
  if (!hear_leader(x.from, x.epoch, c))
    return;
  is_leader_trusted_ = !is_silent(x.from);
  following_.leader_commits(x.commit);
}

// -- what only a leader heeds ------------------------------------------------------------------------------------

void group::on(const input::append_failed&, context c) {
  if (leading_)
    follow(nobody, c);
}

void group::on(const input::transfer& x, context c) {
  if (leading_ && x.to != self_)
    leading_->transfer(x.to, voters_, c);
}

void group::on(const input::reconfigure& x, context c) {
  if (leading_ && !voters_.is_joint())
    leading_->reconfigure(x.voters, voters_, silent_, c);
}

void group::on(const input::forget& x, context) {
  if (leading_ && !voters_.is_voter(x.node))
    leading_->forget(x.node);
}

void group::on(const input::replicated& x, context c) {
  if (leading_)
    leading_->sent(x, c);
}

void group::on(const input::not_sent& x, context c) {
  if (leading_)
    leading_->not_sent(x, c);
}

void group::on(const input::sendable& x, context c) {
  if (leading_)
    leading_->sendable(x.to, c);
}

void group::on(const input::announce&, context c) {
  if (leading_)
    leading_->announce(c);
}

void group::on(const input::append_answer& x, context c) {
  if (x.message.epoch > hard_.term)
    adopt(x.message.epoch, nobody, c);
  else if (leading_)
    leading_->answered(x.from, x.message, c);
}

void group::on(const input::follow& x, context c) {
  if (leading_)
    leading_->follow(x.from, x.message, is_silent(x.from), c);
  else if (campaign_ && !votes_are_due_ && voters_.is_voter(x.from))
    c.out.push_back(output::send{x.from, campaign_->request(id_, c.log.end_position())});
}

// -- chance ------------------------------------------------------------------------------------------------------

/// SplitMix64: a generator of eight bytes, as there are many groups.
uint32_t group::random_below(uint32_t limit) {
  auto z = (random_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return limit == 0 ? 0 : static_cast<uint32_t>(z % limit);
}

uint32_t group::election_patience() { return how_.election_timeout_ms + random_below(how_.election_timeout_ms); }

size_t group::memory() const {
  const auto nodes = initial_.size() + voters_.size() + silent_.capacity();
  return nodes * sizeof(node_id) + parked_.capacity() * sizeof(output::send) +
         (leading_ ? sizeof(leader) + leading_->memory() : 0) + (campaign_ ? sizeof(campaign) : 0);
}

} // namespace chisme::raft
