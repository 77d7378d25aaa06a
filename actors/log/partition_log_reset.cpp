// Beginning anew: a log whose history is another one's from here on.
//
// 1. What it begins with is a file of its own, on disk.
// 2. The recovery point says that the log is being reset. From here on opening the log does the rest, as often as
//    needed: there is the old log before this and the new one after it, and nothing in between.
// 3. The old segments go; epochs, configurations and producers are put in their places; a new segment is made.
// 4. The point says where the new log is; the file of 1. goes.
#include "actors/log/configurations.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/log_reset.hpp"
#include "actors/log/partition_log.hpp"

namespace chisme::log {

result<producer_state> producers_of(const log_beginning& from, const std::string& path, size_t most) {
  if (from.producers.empty())
    return producer_state{most};
  auto out = producer_state::load(as_chars(from.producers), path, most);
  if (!out)
    return fail(error_code::corrupt_message, out.error().message);
  for (const auto& p : out->producers()) {
    const auto* last = p.last();
    if ((last && last->last_offset >= from.start) || p.transaction_first_offset >= from.start)
      return fail(error_code::corrupt_message, path + ": a producer has written at or behind offset " +
                                                 std::to_string(from.start) + ", where the log begins");
  }
  return out;
}

leader_epochs epochs_of(const log_beginning& from) {
  leader_epochs out;
  for (const auto& m : from.marks)
    out.assign(m.epoch, m.start);
  return out;
}

raft::configuration_history configurations_of(const log_beginning& from) {
  raft::configuration_history out;
  for (const auto& m : from.marks)
    if (m.config)
      out.assign(m.epoch, raft::configuration{*m.config});
  return out;
}

result<void> write_producers(files& disk, const std::string& dir, const log_beginning& from) {
  auto f = disk.open(file_stem(dir, from.start) + std::string{snapshot_suffix}, open_mode::create_new);
  if (!f)
    return tl::make_unexpected(f.error());
  const bytes_view parts[] = {from.producers};
  if (auto ok = (*f)->write_at(0, parts); !ok)
    return ok;
  return (*f)->sync();
}

result<void> partition_log::reset_to(offset_t offset) { return reset_to(log_beginning{offset, {}, {}}); }

result<void> partition_log::reset_to(const log_beginning& from) {
  if (auto ok = check_usable(); !ok)
    return ok;
  if (const auto* problem = insane(from))
    return fail(error_code::corrupt_message, dir_ + ": what it is to begin anew with is refused: " + problem);
  auto producers = producers_of(from, dir_ + ": producers to begin anew with", options_.most_producers);
  if (!producers)
    return tl::make_unexpected(producers.error());
  return all_or_reopen(begin_anew(from, std::move(*producers)));
}

result<void> partition_log::begin_anew(const log_beginning& from, producer_state producers) {
  const auto path = dir_ + "/" + std::string{reset_file_name};
  if (auto ok = disk_->replace(path, encode(from), true); !ok)
    return ok;
  recovery_point p;
  p.segment_base = p.offset = p.start_offset = from.start;
  p.resetting = true;
  if (auto ok = point_file_.write(p, true); !ok)
    return ok;
  if (auto ok = remove_all_segments(); !ok)
    return ok;
  if (auto ok = put_in_place(from, std::move(producers)); !ok)
    return ok;
  if (auto ok = sync_folders(); !ok)
    return ok;
  established_ = true;
  if (auto ok = write_point(point_at_end(), true); !ok)
    return ok;
  return disk_->remove(path);
}

/// Their files. They stay in memory, readable, until there is another one: a log is never without a segment.
result<void> partition_log::remove_all_segments() {
  forget_hints();
  pending_.reset();
  if (auto ok = touch_directory(dir_); !ok)
    return ok;
  for (auto s = segments_.rbegin(); s != segments_.rend(); ++s)
    if (auto ok = (*s)->remove(); !ok)
      return ok;
  for (; !snapshots_.empty(); snapshots_.pop_back())
    if (auto ok = disk_->remove(file_stem(dir_, snapshots_.back()) + std::string{snapshot_suffix}); !ok)
      return ok;
  return {};
}

result<void> partition_log::put_in_place(const log_beginning& from, producer_state producers) {
  auto fresh = segment::create(*disk_, dir_, from.start, settings_.index_interval_bytes);
  if (!fresh)
    return tl::make_unexpected(fresh.error());
  for (const auto& s : segments_) {
    std::erase_if(dirty_files_, [&](const dirty_file& d) { return d.file == s->log(); });
    removed_.push_back(s->log());
  }
  segments_.clear();
  segments_.push_back(std::move(*fresh));
  start_offset_ = end_offset_ = synced_offset_ = from.start;
  compacted_upto_ = gaps_upto_ = 0;
  gaps_behind_point_.clear();
  sync_barrier_ = ++stamp_;
  marks_come_first_ |= !from.marks.empty();
  epochs_ = epochs_of(from);
  configurations_unwritten_ = !configurations_.entries().empty() || configurations_unwritten_;
  configurations_ = configurations_of(from);
  configurations_unwritten_ |= !configurations_.entries().empty();
  if (auto ok = write_epochs(true); !ok)
    return ok;
  synced_epoch_ = end_position().epoch;
  producers_ = std::move(producers);
  since_snapshot_ = 0;
  if (from.producers.empty())
    return {};
  if (auto ok = write_producers(*disk_, dir_, from); !ok)
    return ok;
  snapshots_.push_back(from.start);
  return {};
}

} // namespace chisme::log
