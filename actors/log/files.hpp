// The disk as the log sees it: one small interface, so that the same log runs on POSIX files (nodes/posix_files)
// and on a simulated disk that loses what was not synced (tests/support/sim_files).
//
// Errors are values: a file function that fails returns result with code kafka_storage_error and a message that
// names path, operation and the system's reason. Nothing here throws.
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chisme::log {

/// One open file. Reads and writes at positions, so that readers need no lock against the one appender.
/// Thread-safe for concurrent reads and sync; write_at and truncate belong to the one owner (the partition).
class file {
public:
  virtual ~file() = default;

  /// Reads up to into.size() bytes at `position`; fewer only at the end of the file. Returns the count.
  virtual result<size_t> read_at(uint64_t position, std::span<std::byte> into) = 0;

  /// As read_at(), but nullopt where it would have to wait for the disk. Where that cannot be told, it waits.
  virtual result<std::optional<size_t>> read_from_memory(uint64_t position, std::span<std::byte> into) {
    return read_at(position, into).map([](size_t n) { return std::optional{n}; });
  }
  /// Whether these bytes can be read without waiting for the disk; true where that cannot be told. Costs much less
  /// than reading them. What is in memory now may have to leave it at any time.
  virtual bool is_in_memory(uint64_t, uint64_t) { return true; }

  /// Writes all parts one after the other at `position`, in as few system calls as possible. On failure some
  /// prefix may have been written: the caller truncates back to where it was.
  virtual result<void> write_at(uint64_t position, std::span<const bytes_view> parts) = 0;

  /// Data (and the size, if it changed) is on stable storage when this returns; of a folder the names in it. After a
  /// failure nobody knows what is: the system may have dropped what it could not write, and is not asked again (see
  /// sync_latch.hpp).
  virtual result<void> sync() = 0;

  virtual result<void> truncate(uint64_t size) = 0;
  virtual result<uint64_t> size() = 0;

  /// Changes when anybody writes to the file, this process included; nullopt where that cannot be told.
  virtual std::optional<int64_t> change_stamp() { return std::nullopt; }

  /// When somebody wrote to the file last, by the system's clock; nullopt where that cannot be told.
  virtual std::optional<timestamp_ms> modified_at() { return std::nullopt; }

  /// The descriptor for sendfile; -1 where there is none (simulated disk).
  virtual int native_handle() const = 0;
  virtual const std::string& path() const = 0;
};

using file_ptr = std::shared_ptr<file>;

/// All of one file system, for syncing many files at once.
class filesystem {
public:
  virtual ~filesystem() = default;

  /// Everything that was written to the file system before is on stable storage. Fails where anything that was written
  /// since this object was made could not be, whoever wrote it and whoever was told of it; it does not say which file.
  /// Tells of each failure once: after one only the files themselves can be asked.
  virtual result<void> sync() = 0;
};

using filesystem_ptr = std::shared_ptr<filesystem>;

enum class open_mode {
  read,       ///< must exist
  read_write, ///< must exist
  create,     ///< read and write; made empty where it does not exist, kept as it is where it does
  create_new, ///< read and write; an existing file is emptied
};

/// A folder's entry.
struct dir_entry {
  std::string name;
  bool is_directory = false;
  uint64_t size = 0;
};

/// The file system. Paths are plain strings with '/'; all functions are thread-safe.
class files {
public:
  virtual ~files() = default;

  virtual result<file_ptr> open(const std::string& path, open_mode mode) = 0;
  virtual result<bool> exists(const std::string& path) = 0;
  virtual result<std::vector<dir_entry>> list(const std::string& path) = 0;
  /// Makes the folder and its parents; fine where it exists.
  virtual result<void> make_directories(const std::string& path) = 0;
  virtual result<void> remove(const std::string& path) = 0;
  /// A folder with all that is in it; fine where it does not exist.
  virtual result<void> remove_all(const std::string& path) = 0;
  /// Atomic, replaces the target.
  virtual result<void> rename(const std::string& from, const std::string& to) = 0;
  /// A folder, to be synced: that makes creations, renames and removals in it durable. Nothing else can be done with
  /// it.
  virtual result<file_ptr> open_directory(const std::string& path) = 0;
  /// The file system that holds `path`; null where the system does not tell reliably of what it could not write.
  virtual result<filesystem_ptr> open_filesystem(const std::string& path) = 0;
  /// Bytes that can still be written on the file system that holds `path`.
  virtual result<uint64_t> free_space(const std::string& path) = 0;

  /// open_directory() and sync().
  result<void> sync_directory(const std::string& path);
  /// The whole file; fails where it is larger than `limit` bytes.
  result<std::string> read_all(const std::string& path, uint64_t limit = 64u << 20);
  /// Writes `path`.tmp and renames it over `path`. With `durable` file and folder are synced: after a power loss
  /// a reader finds the old or the new content, whole. Without, the content must carry its own checksum.
  result<void> replace(const std::string& path, std::string_view content, bool durable);

private:
  result<void> write_new(const std::string& path, std::string_view content, bool durable);
};

} // namespace chisme::log
