// How much of a partition's log is known to be whole and on disk: what a restart need not look at.
//
// The file "recovery-point" has two slots of 128 bytes. A slot is written in place; the one that is known to be on
// disk is never overwritten before the other one is, so that a power loss at any moment leaves a valid one: the
// newest that is whole counts. Layout of a slot, numbers big-endian:
//   magic:4 version:2 flags:2 sequence:8 segment_base:8 position:8 offset:8 max_timestamp:8 max_timestamp_offset:8
//   start_offset:8 snapshot_offset:8 compacted_upto:8 segment_count:4 segment_hash:4 gaps_upto:8 zeros crc:4
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

#include <optional>
#include <string>

namespace chisme::log {

struct recovery_point {
  /// In snapshot_offset and max_timestamp_offset: not known, to be found in the log.
  static constexpr offset_t unknown = -2;

  /// Everything below `offset`, which is at `position` of the segment that starts at `segment_base`, is whole.
  offset_t segment_base = 0;
  uint64_t position = 0;
  offset_t offset = 0;
  /// The largest timestamp of that segment below `position`, and the last offset of its batch.
  timestamp_ms max_timestamp = -1;
  offset_t max_timestamp_offset = -1;
  /// Where the log starts for readers (DeleteRecords moves it).
  offset_t start_offset = 0;
  /// The newest producer snapshot made at or before `offset`, which may lie far behind; -1 where there were no
  /// producers at `offset`.
  offset_t snapshot_offset = -1;
  /// Below it batches may be missing in between: compaction took them.
  offset_t compacted_upto = 0;
  /// Below it batches may be missing in between: the log is the copy of one that was compacted.
  offset_t gaps_upto = 0;
  /// How many segments there are up to segment_base, and a checksum of their base offsets: tells that none was
  /// taken away by hand without looking into each.
  uint32_t segment_count = 0;
  uint32_t segment_hash = 0;
  /// The log is being emptied to start anew at segment_base: other segments are leftovers.
  bool resetting = false;
  /// Folder and point were synced before the first record was written.
  bool established = false;
  /// Epoch marks are written before the batches of their epoch: a batch without its mark was not synced.
  bool marks_come_first = false;

  friend bool operator==(const recovery_point&, const recovery_point&) = default;
};

/// The file. Owned by the partition's log.
class recovery_point_file {
public:
  /// Reads `dir`/recovery-point. No file or none that is whole: point() is empty. A version above ours is an error.
  static result<recovery_point_file> open(files& disk, const std::string& dir);

  const std::optional<recovery_point>& point() const { return point_; }

  /// Writes the other slot; `durable` syncs the file (not the folder).
  result<void> write(const recovery_point& p, bool durable);
  /// Writes the slot that was read at the start once more: a process that was killed may have left it in the system's
  /// cache, and a sync that failed may have marked it as written there.
  result<void> write_again();
  /// The same, and syncs it: what is done because the point says so must not survive it.
  result<void> make_sure();
  /// What was written last, or again, has been synced by somebody else.
  void mark_synced() {
    durable_slot_ = current_slot_;
    unsure_ = false;
  }
  /// For syncing; null while there is no file.
  result<file_ptr> open_file() const;
  bool exists() const { return exists_; }
  /// Whether point() is what a power loss would leave.
  bool is_durable() const { return current_slot_ == durable_slot_ && !unsure_ && !torn_; }
  /// The last write failed: the slot that held point() may be half of something else.
  bool is_torn() const { return torn_; }

private:
  recovery_point_file(files& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  void read_slots(std::string_view content, bool& newer);

  files* disk_;
  std::string path_;
  std::optional<recovery_point> point_;
  uint64_t sequence_ = 0;
  int current_slot_ = 0;  ///< holds point_
  int durable_slot_ = -1; ///< must not be touched unless it is the only one; -1 for none
  bool unsure_ = false;   ///< whether durable_slot_ really is
  bool torn_ = false;
  bool exists_ = false;
};

} // namespace chisme::log
