// A disk in memory that behaves as badly as a real one may: it remembers what was synced, and a crash loses what
// was not, in any combination that a file system with an ordered journal allows.
#pragma once

#include "actors/log/files.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>

namespace chisme::test {

/// What a disk under test can be told to do wrong.
enum class disk_fault {
  full,     ///< ENOSPC: a write stops in the middle
  io_error, ///< EIO: the operation does nothing
};

class sim_files : public log::files {
public:
  sim_files();

  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override;
  result<bool> exists(const std::string& path) override;
  result<std::vector<log::dir_entry>> list(const std::string& path) override;
  result<void> make_directories(const std::string& path) override;
  result<void> remove(const std::string& path) override;
  result<void> remove_all(const std::string& path) override;
  result<void> rename(const std::string& from, const std::string& to) override;
  result<void> sync_directory(const std::string& path) override;
  result<void> sync_filesystem(const std::string& path) override;
  result<uint64_t> free_space(const std::string& path) override;

  /// Power loss. Of each file's unsynced writes any subset survives, each whole or torn at any byte; of the
  /// unsynced creations, renames and removals a prefix in their order. Files that are open must not be used again.
  void crash(std::mt19937_64& random);

  /// The operation that changes or syncs something `after` further ones fails, once.
  void fail_operation(uint64_t after, disk_fault what);
  /// Whether the fault that was asked for has happened.
  bool fault_happened() const { return !fault_; }
  void cancel_fault() { fault_.reset(); }

  /// Turns over one bit, in what is read and in what is on the disk.
  void flip_bit(const std::string& path, uint64_t position, int bit);
  /// The content as it is read now.
  std::string content(const std::string& path);
  uint64_t syncs() const { return syncs_; }

private:
  friend class sim_file;

  /// One change of a file's content that is not synced yet.
  struct change {
    bool is_truncation = false;
    uint64_t position = 0; ///< or the new size
    std::string bytes;
  };
  struct inode {
    std::string now;
    std::string durable;
    std::vector<change> changes;
  };
  using inode_ptr = std::shared_ptr<inode>;
  using name_map = std::map<std::string, inode_ptr>;

  /// One change of the names, in the order in which the journal has them.
  struct name_change {
    std::string path;
    inode_ptr target;       ///< null removes the name
    std::string renamed_from; ///< removed in the same step
  };

  static void apply(std::string& content, const change& c);
  static void apply(name_map& names, const name_change& c);
  void change_name(name_change c);
  std::optional<disk_fault> next_fault();
  tl::unexpected<error> refuse(const char* operation, const std::string& path, disk_fault what) const;
  void crash_content(inode& i, std::mt19937_64& random);

  std::mutex mutex_;
  name_map names_;
  name_map durable_names_;
  std::vector<name_change> name_changes_;
  std::set<std::string> directories_;
  struct planned_fault {
    uint64_t after = 0;
    disk_fault what = disk_fault::io_error;
  };
  std::optional<planned_fault> fault_;
  uint64_t syncs_ = 0;
};

} // namespace chisme::test
