// A log for the tests of the consensus: marks and batches of which only the outlines exist, memory and disk apart.
#pragma once

#include "actors/raft/invariants.hpp"

#include <optional>

namespace chisme::test {

class raft_log {
public:
  using entry = raft::invariants::entry;

  /// A log as its files are.
  struct image {
    log::leader_epochs marks;
    raft::configuration_history configurations;
    std::vector<entry> entries;
    offset_t start = 0;
    offset_t end = 0;
  };

  raft::log_view view() const { return view_of(now_, synced_); }
  /// What a crash leaves at least.
  raft::log_view disk_view() const { return view_of(disk_, end_of(disk_)); }
  const image& now() const { return now_; }
  const image& disk() const { return disk_; }
  raft::position synced() const { return synced_; }
  bool is_dirty() const { return is_dirty_; }

  void mark(const peer::raft_mark& m);
  void append(const entry& batch);
  void truncate(raft::position to);
  /// Empties it: begins at `m.start` with the marks of the message.
  void reset(const peer::raft_reset& m);
  /// Retention: nothing before `start` is needed any more.
  void trim(offset_t start);

  /// What is written so far will be on the disk when end_sync is called; false there: the log was cut meanwhile, and it
  /// has to be begun anew.
  void begin_sync();
  bool end_sync();
  void sync() {
    begin_sync();
    end_sync();
  }

  /// The process is gone, and with it what was not synced; but `of_rest` (0 to 1) of that had reached the disk.
  void crash(double of_rest);
  void lose_disk() { *this = {}; }

  /// A message with what follows prev; none where that is not in the log any more. `next`: where it ends.
  std::optional<peer::raft_append> message_behind(raft::position prev, uint64_t max_bytes, raft::position& next) const;
  peer::raft_reset reset_message() const;
  /// What copy takes of a message.
  void copy(const peer::raft_append& m, size_t first_mark, size_t first_batch);

  static std::vector<entry> batches_of(const payload& records);

private:
  static raft::log_view view_of(const image& i, raft::position synced) {
    return {i.start, i.end, synced, i.marks, i.configurations};
  }
  static raft::position end_of(const image& i) {
    return {i.marks.marks().empty() ? -1 : i.marks.marks().back().epoch, i.end};
  }
  static void add(image& to, const entry& e, const raft::configuration_history& configurations);

  image now_;
  image disk_;
  image on_its_way_;
  raft::position synced_;
  bool is_dirty_ = false;
  bool was_cut_ = false;
};

} // namespace chisme::test
