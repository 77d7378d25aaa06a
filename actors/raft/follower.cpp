#include "actors/raft/follower.hpp"

#include <algorithm>
#include <stdexcept>

namespace chisme::raft {

namespace {

/// Goes over a message's marks and batches in the order in which they stand in the log.
class entries {
public:
  entries(const peer::raft_append& message, std::span<const batch_outline> batches)
    : marks_(message.marks), batches_(batches), epoch_(message.epoch), at_(message.prev) {}

  bool at_end() const { return mark_ == marks_.size() && batch_ == batches_.size(); }
  size_t mark() const { return mark_; }
  size_t batch() const { return batch_; }
  /// Behind the entries that next() has gone over.
  position at() const { return at_; }
  /// Right before the one that comes: compaction may have left a gap between.
  position before() const { return {at_.epoch, is_mark() ? marks_[mark_].start : batches_[batch_].first}; }
  position behind() const {
    return is_mark() ? position{marks_[mark_].epoch, marks_[mark_].start}
                     : position{batches_[batch_].epoch, batches_[batch_].end};
  }
  /// False where what comes is nothing that a leader of the message's epoch has in its log.
  bool is_sound() const {
    if (before().offset < at_.offset)
      return false;
    if (is_mark())
      return marks_[mark_].epoch > at_.epoch && marks_[mark_].epoch <= epoch_;
    const auto& b = batches_[batch_];
    return b.epoch >= 0 && b.epoch == at_.epoch && b.end > b.first;
  }
  void next() {
    at_ = behind();
    ++(is_mark() ? mark_ : batch_);
  }

private:
  /// A mark stands before the batch at its offset.
  bool is_mark() const {
    return mark_ < marks_.size() && (batch_ == batches_.size() || marks_[mark_].start <= batches_[batch_].first);
  }

  const std::vector<peer::raft_mark>& marks_;
  std::span<const batch_outline> batches_;
  leader_epoch_t epoch_;
  position at_;
  size_t mark_ = 0;
  size_t batch_ = 0;
};

} // namespace

bool matches(const log_view& log, position p) {
  if (log.holds(p) || p.offset < log.start)
    return true;
  const auto& marks = log.marks.marks();
  return p.offset == log.start && !marks.empty() && p.epoch < marks.front().epoch &&
         marks.front().start_offset == p.offset;
}

position divergence_hint(const log_view& log, offset_t commit, position prev) {
  auto hint = std::min(log.end_of(prev.epoch), prev);
  const auto committed = log.at(commit);
  if (committed.epoch >= 0 && committed < prev)
    hint = std::max(hint, committed);
  return hint;
}

append_plan plan_append(const log_view& log, offset_t commit, const peer::raft_append& message,
                        std::span<const batch_outline> batches) {
  using verdict = append_plan::verdict;
  append_plan plan;
  entries held{message, batches};
  const bool has_prev = matches(log, message.prev);
  while (has_prev && !held.at_end() && held.is_sound() && matches(log, held.behind()))
    held.next();
  auto rest = held;
  while (!rest.at_end() && rest.is_sound())
    rest.next();
  if (!rest.at_end() || message.prev.epoch > message.epoch)
    return plan;
  if (!has_prev) {
    plan.what = verdict::diverged;
    plan.at = divergence_hint(log, commit, message.prev);
    return plan;
  }
  plan.what = verdict::matches;
  plan.at = rest.at();
  if (held.at_end())
    return plan;
  // In a gap of the leader's log both logs are the same as far as the epoch goes on here.
  auto common = held.at();
  if (const auto own = log.end_of(common.epoch); common.epoch >= 0 && own.epoch == common.epoch)
    common.offset = std::max(common.offset, std::min(own.offset, held.before().offset));
  if (log.end_position() > common) {
    if (common.offset < commit)
      throw std::logic_error("raft: what is committed would be cut");
    plan.cut = common;
  }
  plan.has_more = true;
  plan.first_mark = held.mark();
  plan.first_batch = held.batch();
  return plan;
}

void follower::matches(position p) {
  matched_ = std::max(matched_, p);
  owes_answer_ = true;
}

void follower::copying(position to) {
  copied_ = to;
  is_copying_ = true;
}

void follower::copied(bool ok) {
  if (std::exchange(is_copying_, false) && ok)
    matches(copied_);
}

offset_t follower::committed(position synced) const {
  return std::min(leader_commit_, std::min(matched_, synced).offset);
}

std::optional<position> follower::answer(position synced) {
  if (!owes_answer_)
    return std::nullopt;
  const auto known = std::min(matched_, synced);
  owes_answer_ = known < matched_;
  if (owes_answer_ && known <= told_)
    return std::nullopt;
  told_ = std::max(told_, known);
  return known;
}

} // namespace chisme::raft
