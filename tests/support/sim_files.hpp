// A disk in memory that behaves as badly as Linux's file systems do: it remembers what was synced, a crash loses what
// was not, and a failed sync loses it without a crash while readers go on seeing it.
//
// What is modelled, and after what:
//   - Unsynced writes survive a crash in any subset, whole or torn at any byte (pages are written in any order).
//   - Unsynced names (creations, renames, removals, folders) survive in any subset, or as many as came first: syncing a
//     file makes no name durable, and syncing one folder says nothing of another one.
//   - A failed write-back or sync leaves the pages clean and not on the disk: reads go on seeing them, later syncs do
//     not write them, until they are written again or dropped from memory (drop_clean_pages).
//   - Each open file is told once of a failed write-back (errseq_t): who opens the file after somebody was told of it
//     is not told any more. The same holds for an open file system, whose sync() does not say which file it was.
//   - A disk that is full refuses what needs another block, and goes on doing so: a new file or folder, and bytes
// behind
//     the last block of a file, of which as many are written as there is room for. What is in place can be written
// over,
//     renamed, cut and removed.
//   - What was written or read is in memory. A crash empties the memory; without one, pages that are on the disk may
// leave it
//     (cool_down). A read of a page that is not there waits: may_wait() says who may.
//   - A folder that cannot be synced means an aborted journal: the file system is read-only until the crash.
#pragma once

#include "actors/log/files.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>

namespace chisme::test {

/// What a disk under test can be told to do wrong.
enum class disk_fault {
  full,     ///< ENOSPC: a write stops in the middle
  io_error, ///< EIO: the operation does nothing, a sync loses what it should have written
};

class sim_files : public log::files {
public:
  explicit sim_files(uint64_t seed = 1);
  ~sim_files() override;

  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override;
  result<log::file_ptr> open_directory(const std::string& path) override;
  result<log::filesystem_ptr> open_filesystem(const std::string& path) override;
  result<bool> exists(const std::string& path) override;
  result<std::vector<log::dir_entry>> list(const std::string& path) override;
  result<void> make_directories(const std::string& path) override;
  result<void> remove(const std::string& path) override;
  result<void> remove_all(const std::string& path) override;
  result<void> rename(const std::string& from, const std::string& to) override;
  result<uint64_t> free_space(const std::string& path) override;

  /// Power loss. Files that are open must not be used again.
  void crash(std::mt19937_64& random);

  /// The operation that changes or syncs something `after` further ones fails, once.
  void fail_operation(uint64_t after, disk_fault what);
  /// The same, but reads, openings and look-ups count as well.
  void fail_any_operation(uint64_t after, disk_fault what);
  /// What was refused last, for example "write /data/t-0/00000000000000000000.log"; empty where nothing was.
  const std::string& last_refused() const { return last_refused_; }
  /// Whether the fault that was asked for has happened.
  bool fault_happened() const { return !fault_; }
  void cancel_fault() { fault_.reset(); }
  /// The system writes some file's pages back by itself and fails: nobody is told before the next sync.
  void fail_write_back();
  /// Pages that are clean but not on the disk leave the memory: reads see the disk's content again. Returns whether
  /// that changed any file.
  bool drop_clean_pages();
  /// Pages of files without unsynced writes leave the memory, each or none of them by chance.
  void cool_down(std::mt19937_64& random);
  /// Whoever reads from now on may wait for the disk, or must not; but where the disk refuses something, what was begun
  /// may have to be undone, which reads.
  void may_wait(bool may) {
    may_wait_ = may;
    refused_ = false;
  }
  /// Of whom somebody waited who must not; empty: nobody did.
  const std::string& waited_for() const { return waited_for_; }
  /// From now on every open fails, as it does where the process has no descriptors left, until it is taken back.
  void refuse_opens(bool refuse) { opens_refused_ = refuse; }
  /// After so many further operations nothing changes the disk any more: the process was killed. thaw() is the next
  /// one.
  void freeze_after(uint64_t more) { last_operation_ = operations_ + more; }
  void thaw() { last_operation_ = std::numeric_limits<uint64_t>::max(); }
  /// File systems have an order of their own.
  void list_backwards() { lists_backwards_ = true; }
  /// Files claim to have descriptors, so that large reads are answered with parts of them.
  void claim_descriptors() { descriptors_ = true; }
  /// Others have written to the disk: so many blocks are left. What is removed makes room again.
  void fill_up(uint64_t blocks_left = 0);
  /// Others have removed what they wrote.
  void make_room();
  bool is_filled_up() const { return capacity_.has_value(); }
  /// Blocks of all files and folders; one more for each name.
  uint64_t used_blocks();
  /// Files in the folder.
  size_t file_count(const std::string& path);
  /// What files that are written to from now on are told to be modified at; before the first call nobody can tell.
  void set_time(timestamp_ms now) { now_ = now; }
  /// Whether only a crash can bring the disk back.
  bool is_read_only() const { return read_only_; }

  /// Turns over one bit, in what is read and in what is on the disk.
  void flip_bit(const std::string& path, uint64_t position, int bit);
  /// The content as it is read now.
  std::string content(const std::string& path);
  uint64_t syncs() const { return syncs_; }
  /// How many syncs somebody was told of that they failed.
  uint64_t failed_syncs() const { return failed_syncs_; }
  /// Operations that changed or synced something, the failed ones included.
  uint64_t operations() const { return operations_; }

private:
  friend class sim_file;
  friend class sim_directory;
  friend class sim_filesystem;

  struct inode;
  using inode_ptr = std::shared_ptr<inode>;
  struct found_path;

  inode_ptr find(const std::string& path) const;
  found_path parent_of(const std::string& path) const;
  result<void> may_change(const char* operation, const std::string& path);
  std::optional<disk_fault> next_fault();
  tl::unexpected<error> refuse(const char* operation, const std::string& path, disk_fault what);
  tl::unexpected<error> no_descriptors(const char* operation, const std::string& path);
  std::optional<disk_fault> next_fault_of_reads();
  tl::unexpected<error> no_such(const char* operation, const std::string& path) const;
  static uint64_t used_by(const inode& folder);
  bool has_room(uint64_t blocks) const;
  uint64_t blocks_left() const;
  void lose_writes(inode& file);
  void note_error(inode& file);
  void note_wait(const std::string& path) {
    if (!may_wait_ && !refused_ && waited_for_.empty())
      waited_for_ = path;
  }
  result<void> remove_tree(const std::string& path, inode& parent, const std::string& name);
  std::vector<inode_ptr> dirty_files() const;
  void collect(const inode_ptr& from, std::vector<inode_ptr>& into) const;

  std::mutex mutex_;
  std::mt19937_64 random_;
  inode_ptr root_;
  struct planned_fault {
    uint64_t after = 0;
    disk_fault what = disk_fault::io_error;
    bool reads_too = false;
  };
  std::optional<planned_fault> fault_;
  std::string last_refused_;
  uint64_t errors_ = 0;              ///< of the file system
  bool errors_were_told_ = true;     ///< somebody has been told of the last one
  std::optional<uint64_t> capacity_; ///< in blocks
  std::optional<timestamp_ms> now_;
  bool descriptors_ = false;
  bool lists_backwards_ = false;
  bool opens_refused_ = false;
  bool read_only_ = false;
  bool may_wait_ = true;
  bool refused_ = false; ///< since then
  std::string waited_for_;
  uint64_t syncs_ = 0;
  uint64_t failed_syncs_ = 0;
  uint64_t operations_ = 0;
  uint64_t last_operation_ = std::numeric_limits<uint64_t>::max();
};

} // namespace chisme::test
