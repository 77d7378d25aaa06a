// What a replica takes over from another one: epoch marks with what they carry, and batches as they are.
#include "actors/log/configurations.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/partition_log.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

std::vector<stamped_batch> batches_in(const copied_batches& copied, size_t first) {
  std::vector<stamped_batch> out;
  if (first >= copied.size())
    return out;
  out.reserve(copied.size() - first);
  batch_reader batches{copied.bytes_from(first)};
  while (const auto b = batches.next())
    out.push_back({b->header, b->body(), b->bytes});
  return out;
}

bool carries_nobody(const peer::raft_mark& m) { return m.config && m.config->voters.empty(); }

} // namespace

raft::position partition_log::end_position() const {
  const auto last = epochs_.latest();
  return {last ? last->epoch : -1, end_offset_};
}

/// What is synced of the batches reaches no further than the first mark that is not, and of the marks no further than
/// the batches.
raft::position partition_log::synced_position() const {
  raft::position at{-1, synced_offset()};
  for (auto m = epochs_.marks().rbegin(); m != epochs_.marks().rend(); ++m) {
    if (m->epoch > synced_epoch_) {
      at.offset = std::min(at.offset, m->start_offset);
    } else if (m->start_offset <= at.offset) {
      at.epoch = m->epoch;
      break;
    }
  }
  return at;
}

result<bool> partition_log::assign_epoch(leader_epoch_t epoch) {
  return assign_epoch(peer::raft_mark{epoch, end_offset_, std::nullopt});
}

result<bool> partition_log::assign_epoch(const peer::raft_mark& mark) {
  if (auto ok = check_usable(); !ok)
    return tl::make_unexpected(ok.error());
  auto with_new = epochs_;
  if (mark.start == end_offset_ && !with_new.assign(mark.epoch, mark.start))
    return false;
  if (mark.start != end_offset_ || carries_nobody(mark))
    return fail(error_code::offset_out_of_range, dir_ + ": the mark of epoch " + std::to_string(mark.epoch) +
                                                   " at offset " + std::to_string(mark.start) +
                                                   " does not belong at the end of the log, " +
                                                   std::to_string(end_offset_));
  if (auto ok = say_that_marks_come_first(); !ok)
    return tl::make_unexpected(ok.error());
  auto ok = take_marks(std::move(with_new), {&mark, 1});
  return ok ? result<bool>{true} : tl::make_unexpected(ok.error());
}

bool partition_log::waits_for_disk(std::span<const peer::raft_mark> marks) const {
  const auto last = end_position().epoch;
  const auto is_new = [&](const peer::raft_mark& m) { return m.epoch > last; };
  const bool brings_voters = std::ranges::any_of(marks, [&](const auto& m) { return is_new(m) && m.config; });
  const bool takes_others_along = configurations_unwritten_ && std::ranges::any_of(marks, is_new);
  const bool is_first = !marks_come_first_ && (epochs_unwritten_ || point_file_.point());
  return brings_voters || takes_others_along || is_first || stale_marks_ahead_;
}

/// From now on recovery knows that a batch whose mark it does not find was not synced: where the mark, or another one
/// before it that has no batches, was lost, what stands behind them must go as well. Once in a log's life.
result<void> partition_log::say_that_marks_come_first() {
  if (marks_come_first_)
    return {};
  // A mark that only its batches tell of, which may have been acknowledged, would count as lost.
  if (epochs_unwritten_)
    if (auto ok = write_epochs(true); !ok)
      return ok;
  marks_come_first_ = true;
  if (!point_file_.point())
    return {}; // the first one will say so, which is on disk before the first record
  auto ok = write_point(*point_file_.point(), true);
  marks_come_first_ = ok.has_value();
  return ok;
}

/// `marks` are those of `with_new` that may carry a configuration.
result<void> partition_log::take_marks(leader_epochs with_new, std::span<const peer::raft_mark> marks) {
  if (with_new == epochs_)
    return {};
  if (auto ok = drop_stale_marks(); !ok)
    return ok;
  const auto before = configurations_;
  const auto last = end_position().epoch;
  for (const auto& m : marks)
    if (m.config && m.epoch > last) {
      configurations_.assign(m.epoch, raft::configuration{*m.config});
      configurations_unwritten_ = true;
    }
  std::swap(epochs_, with_new);
  auto ok = write_epochs(false);
  if (!ok) {
    epochs_ = std::move(with_new);
    configurations_unwritten_ |= configurations_ != before;
    configurations_ = before;
  }
  return ok;
}

result<void> partition_log::write_configurations() {
  const auto path = dir_ + "/" + std::string{configurations_file_name};
  if (auto ok = disk_->replace(path, configurations_text(configurations_), true); !ok)
    return ok;
  configurations_unwritten_ = false;
  return {};
}

/// Entries of marks that are not in the log (any more) go with the next version of the epoch file, before it.
void partition_log::forget_configurations_without_marks() {
  auto kept = carried_by(epochs_, configurations_);
  if (kept == configurations_)
    return;
  configurations_ = std::move(kept);
  configurations_unwritten_ = true;
}

/// The epochs as they will be behind the batches.
result<leader_epochs> partition_log::check_copied(std::span<const peer::raft_mark> marks,
                                                  std::span<const stamped_batch> batches) const {
  auto epochs = epochs_;
  auto at = end_offset_;
  auto mark = marks.begin();
  const auto refused = [&](const std::string& what, const char* why) {
    return fail(error_code::corrupt_message, dir_ + ": " + what + " is refused: " + why);
  };
  const auto take = [&]() -> const char* {
    const auto& m = *mark++;
    if (const auto last = epochs.latest(); last && m.epoch <= last->epoch)
      return nullptr; // the log has it
    if (m.start < at)
      return "it begins before the end of the log";
    if (carries_nobody(m))
      return "its configuration has no voters";
    return epochs.assign(m.epoch, m.start) ? nullptr : "its epoch is negative";
  };
  const auto name = [&] { return "the mark of epoch " + std::to_string(std::prev(mark)->epoch); };
  for (const auto& b : batches) {
    while (mark != marks.end() && mark->start <= b.header.base_offset)
      if (const auto* problem = take())
        return refused(name(), problem);
    const auto last = epochs.latest();
    if (!last || last->epoch != b.header.leader_epoch)
      return refused("the batch at offset " + std::to_string(b.header.base_offset), "its epoch has no mark there");
    at = b.header.next_offset();
  }
  while (mark != marks.end()) {
    // One behind missing offsets would lie behind the end of the log, which a restart finds at the last batch.
    if (const auto* problem = mark->start > at ? (++mark, "no batch is behind it") : take())
      return refused(name(), problem);
  }
  return epochs;
}

/// A batch's offset is not under its checksum. Where nothing is missing the batch before tells it; behind missing
/// offsets a torn write might give it another one, so recovery takes such a batch only from below the recovery point.
void partition_log::note_gaps(offset_t end, std::span<const stamped_batch> batches) {
  auto expected = end;
  std::optional<gaps> found;
  for (const auto& b : batches) {
    if (b.header.base_offset > expected) {
      found = gaps{found ? found->first : expected, expected};
      gaps_upto_ = std::max(gaps_upto_, b.header.base_offset);
    }
    expected = b.header.next_offset();
  }
  if (!found)
    return;
  gaps_behind_point_.push_back(*found);
  if (!pending_)
    set_pending();
}

void partition_log::point_is_on_disk() {
  auto& waiting = gaps_behind_point_;
  while (!waiting.empty() && waiting.front().last < point_file_.point()->offset)
    waiting.pop_front();
}

/// After each sync: where batches behind missing offsets are not counted yet, the point moves on and is to be synced.
void partition_log::move_point_over_gaps() {
  const auto& point = point_file_.point();
  const auto& waiting = gaps_behind_point_;
  if (waiting.empty() || !point)
    return;
  if (point->offset <= waiting.front().last) {
    if (!pending_)
      set_pending();
    if (!pending_is_synced() || !advance_point())
      return;
  }
  if (point->offset > waiting.front().last && point_stamp_ == 0)
    (void)touch_point();
}

offset_t partition_log::synced_offset() const {
  const auto& waiting = gaps_behind_point_;
  return waiting.empty() ? synced_offset_ : std::max(start_offset_, std::min(synced_offset_, waiting.front().first));
}

result<void> partition_log::append_copied(std::span<const peer::raft_mark> marks, const copied_batches& batches,
                                          size_t first, timestamp_ms now) {
  if (auto ok = check_usable(); !ok)
    return ok;
  const auto stamped = batches_in(batches, first);
  if (auto ok = check_follows(stamped, true); !ok)
    return ok;
  auto epochs = check_copied(marks, stamped);
  if (!epochs)
    return tl::make_unexpected(epochs.error());
  if (auto ok = say_that_marks_come_first(); !ok)
    return ok;
  if (stamped.empty())
    return take_marks(std::move(*epochs), marks);
  if (auto ok = establish(); !ok)
    return ok;
  if (auto ok = take_marks(std::move(*epochs), marks); !ok)
    return ok;
  const auto end = end_offset_;
  auto ok = append_or_reserve(stamped, now);
  if (ok)
    note_gaps(end, stamped);
  else if (epochs_.truncate_end(end_offset_, std::numeric_limits<leader_epoch_t>::max())) {
    epochs_unwritten_ = stale_marks_ahead_ = true;
    forget_configurations_without_marks();
  }
  return ok;
}

} // namespace chisme::log
