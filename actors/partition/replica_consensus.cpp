// What the consensus is told, and what of its outputs is done here: who leads, and what is committed.
#include "actors/partition/replica.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace chisme::partition {

namespace {

error leads_no_more() { return {error_code::not_leader_or_follower, "another replica leads the partition now"}; }

/// As the consensus sees the log.
raft::log_view consensus_view(const log_view& log, flush_mode flush) {
  static const log::leader_epochs no_marks;
  static const raft::configuration_history no_configurations;
  const auto& marks = log.marks ? *log.marks : no_marks;
  raft::log_view v{log.start, log.end, log.synced, marks, log.configurations ? *log.configurations : no_configurations};
  if (flush == flush_mode::lazy)
    v.synced = v.end_position();
  return v;
}

raft::input_variant input_of(const peer_said& m) {
  return std::visit(
    [&](const auto& x) -> raft::input_variant {
      using message = std::decay_t<decltype(x)>;
      if constexpr (std::is_same_v<message, peer::raft_append>)
        return raft::input::append{m.from, &x, m.batches.outline()};
      else if constexpr (std::is_same_v<message, peer::raft_reset>)
        return raft::input::reset{m.from, &x};
      else if constexpr (std::is_same_v<message, peer::raft_vote_request>)
        return raft::input::vote_request{m.from, x};
      else if constexpr (std::is_same_v<message, peer::raft_vote_answer>)
        return raft::input::vote_answer{m.from, x};
      else if constexpr (std::is_same_v<message, peer::raft_append_answer>)
        return raft::input::append_answer{m.from, x};
      else if constexpr (std::is_same_v<message, peer::raft_timeout_now>)
        return raft::input::timeout_now{m.from, x};
      else
        return raft::input::follow{m.from, x};
    },
    m.what);
}

} // namespace

/// One that is about to end takes no part any more.
void replica::begin(context c) {
  was_opened_ = true;
  if (!is_stopping())
    consult(raft::input::opened{found_.stored, found_.told, found_.first}, c);
}

void replica::consult(const raft::input_variant& in, context c) {
  if (!was_opened_)
    return;
  const auto believed = believed_leader();
  auto outputs = std::exchange(outputs_, {});
  group_.step(in, consensus_view(c.log, flush_), outputs);
  for (const auto& o : outputs)
    std::visit([&](const auto& x) { heed(x, c); }, o);
  // Of trust in a leader that comes back no output tells; who is not told of it tells nothing of the leader's end.
  if (believed_leader() != believed)
    tell_peers(c);
  outputs.clear();
  outputs_ = std::move(outputs);
}

void replica::on(const input::from_peer& x, context c) {
  if (phase_ != phase::serving || is_stopping())
    return;
  const auto& m = *x.message;
  consult(input_of(m), c);
  const auto* append = std::get_if<peer::raft_append>(&m.what);
  if (append && m.from == group_.leader_id() && append->log_start > c.log.log_start)
    told_start_ = append->log_start;
}

/// What lies before the leader's log start was deleted for all who read, and below its high watermark, which this
/// replica may come to know later. Done once: where it fails, the leader's next message asks for it again.
void replica::heed_start(context c) {
  if (told_start_ < 0 || phase_ != phase::serving || group_.leader_id() == self_)
    return;
  if (told_start_ <= c.log.log_start) {
    told_start_ = -1;
  } else if (told_start_ <= group_.high_watermark()) {
    c.out.push_back(action::move_start{std::exchange(told_start_, -1)});
  }
}

void replica::on(const input::mark_written&, context c) {
  consult(raft::input::appended{}, c);
  want_sync(c);
}

void replica::on(const raft::input::copied& x, context c) {
  uncommitted_.push_back({c.log.end, 1}); // whoever reads a follower waits for anything
  consult(x, c);
  want_checkpoint(c);
  want_compaction(c);
  want_sync(c);
}

/// A repeated append may wait for what has long been committed: those who wait are looked at also where nothing moved.
void replica::note_synced(context c) {
  const auto before = group_.high_watermark();
  consult(raft::input::synced{}, c);
  if (group_.high_watermark() == before)
    answer_committed(c);
}

void replica::answer_committed(context c) {
  uint64_t bytes = 0;
  for (; !uncommitted_.empty() && uncommitted_.front().end_offset <= group_.high_watermark(); uncommitted_.pop_front())
    bytes += uncommitted_.front().bytes;
  c.out.push_back(action::commit{group_.high_watermark(), bytes});
}

// -- more holders than a majority ------------------------------------------------------------------------------------

/// Of a group of one: who asks for all is refused before the write, and who asks for the leader alone waits, too.
bool replica::asks_for_more_than_a_majority() const {
  return !group_.voters().is_alone(self_) &&
         static_cast<size_t>(std::max(min_in_sync_, 1)) > group_.voters().size() / 2 + 1;
}

offset_t replica::acknowledged() const {
  const auto committed = high_watermark();
  return asks_for_more_than_a_majority() ? std::min(committed, group_.held_by(static_cast<size_t>(min_in_sync_)))
                                         : committed;
}

/// Replicas beyond the majority come later, or fall out while their copies are waited for.
void replica::heed_holders(context c) {
  if (!leads_ || !is_usable() || !asks_for_more_than_a_majority())
    return;
  const auto held = acknowledged();
  if (std::exchange(acknowledged_, held) != held)
    c.out.push_back(action::commit{high_watermark(), 0});
  if (group_.in_sync_count() < static_cast<size_t>(min_in_sync_) && held < high_watermark() &&
      std::exchange(refused_up_to_, high_watermark()) < high_watermark())
    c.out.push_back(action::refuse_unheld{high_watermark()});
}

// -- what it says ------------------------------------------------------------------------------------------------

void replica::heed(const raft::output::follow& x, context c) {
  step_down(leads_no_more(), c);
  epoch_ = x.epoch;
  c.out.push_back(action::follow{x.leader, x.epoch});
  tell_peers(c);
}

/// A leader that moves to a new epoch goes on with what waits to be committed and to be appended.
void replica::heed(const raft::output::candidate& x, context c) {
  epoch_ = x.epoch;
  if (x.moves && (leads_ || is_moving_)) {
    is_moving_ = true;
    leads_ = false;
  } else {
    step_down(leads_no_more(), c);
  }
  c.out.push_back(action::follow{raft::nobody, x.epoch});
  tell_peers(c);
}

void replica::heed(const raft::output::lead& x, context c) {
  epoch_ = x.epoch;
  tell_peers(c);
}

void replica::heed(const raft::output::established& x, context c) {
  epoch_ = x.epoch;
  leads_ = true;
  announced_start_ = c.log.log_start;
  if (std::exchange(is_moving_, false))
    schedule_append(c);
  c.out.push_back(action::serve{x.epoch});
}

/// What was written before this start, or by another leader, has nobody who has counted it: who waits for anything is
/// told all the same.
void replica::heed(const raft::output::commit&, context c) {
  if (uncommitted_.empty())
    uncommitted_.push_back({group_.high_watermark(), 1});
  answer_committed(c);
  tell_peers(c);
}

/// It takes no part any more, and does not lead, which the others have to hear.
void replica::leave_group(context c) {
  if (!was_opened_ || group_.now() == raft::role::stopped)
    return;
  consult(raft::input::stop{}, c);
  tell_peers(c);
}

void replica::tell_peers(context c) {
  if (!group_.is_alone())
    c.out.push_back(action::tell_peers{});
}

void replica::step_down(const error& why, context c) {
  uncommitted_.clear();
  appends_wait_ = false;
  const bool led = std::exchange(leads_, false);
  const bool moved = std::exchange(is_moving_, false);
  if (led || moved)
    c.out.push_back(action::fail_waiting{why});
}

} // namespace chisme::partition
