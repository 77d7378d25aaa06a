// Sparse indexes: files of fixed-size entries beside a segment.
//
//   .index     := (relative_offset:4 position:4)*        offset: the last one of the batch at `position`
//   .timeindex := (timestamp:8 relative_offset:4)*       the largest timestamp so far, and whose it is
//
// Offsets are relative to the segment's base offset, numbers big-endian: Kafka's files byte for byte. An index is
// a hint, the log is the truth: whoever uses an entry checks it against the batch it names, and an index that
// turns out wrong or missing is made anew from the log. That is why it is never synced on the way of an append.
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

#include <optional>
#include <vector>

namespace chisme::log {

struct offset_entry {
  offset_t last_offset = 0;
  uint64_t position = 0;
  friend bool operator==(const offset_entry&, const offset_entry&) = default;
};

struct time_entry {
  timestamp_ms timestamp = -1;
  offset_t last_offset = 0;
  friend bool operator==(const time_entry&, const time_entry&) = default;
};

/// How an entry lies in its file, and which of its two numbers it is sorted by.
struct offset_entry_format {
  using entry = offset_entry;
  static constexpr size_t size = 8;
  static constexpr const char* suffix = ".index";
  static void store(std::byte* to, const entry& e, offset_t base);
  static entry load(const std::byte* from, offset_t base);
  static int64_t key(const entry& e) { return e.last_offset; }
};

struct time_entry_format {
  using entry = time_entry;
  static constexpr size_t size = 12;
  static constexpr const char* suffix = ".timeindex";
  static void store(std::byte* to, const entry& e, offset_t base);
  static entry load(const std::byte* from, offset_t base);
  static int64_t key(const entry& e) { return e.timestamp; }
};

/// One index of one segment. Entries wait in memory and are written in chunks; the file is open only while it is
/// being read or written, so that an idle partition costs no descriptor for it. Lookups are binary searches with
/// reads, not a memory map (a shrinking file would end the process) and not a copy in memory.
template <class Format>
class index_file {
public:
  using entry = typename Format::entry;

  /// `stem` is the segment's path without suffix, `tag` what follows the suffix; `file_size` what the folder says, 0
  /// where there is no file.
  index_file(files& disk, const std::string& stem, const std::string& tag, offset_t base, uint64_t file_size)
    : disk_(&disk), path_(stem + Format::suffix + tag), base_(base), stored_(file_size / Format::size) {}

  /// Adds an entry whose key is larger than the last one's.
  result<void> append(const entry& e);
  /// Writes what waits; the file is then the whole index.
  result<void> flush();
  /// The last entry with a key of at most `key`.
  result<std::optional<entry>> last_not_above(int64_t key);
  result<std::optional<entry>> at(uint64_t number);
  /// Keeps the first `count` entries.
  result<void> truncate(uint64_t count);
  /// How many entries have a key of at most `key`.
  result<uint64_t> count_not_above(int64_t key);

  uint64_t count() const { return stored_ + waiting_.size(); }
  /// For syncing: the file as it is; null where nothing was ever written.
  result<file_ptr> open_file();

private:
  result<uint64_t> stored_not_above(int64_t key);

  files* disk_;
  std::string path_;
  offset_t base_;
  uint64_t stored_;
  std::vector<entry> waiting_;
};

using offset_index = index_file<offset_entry_format>;
using time_index = index_file<time_entry_format>;

extern template class index_file<offset_entry_format>;
extern template class index_file<time_entry_format>;

} // namespace chisme::log
