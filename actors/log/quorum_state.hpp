// What a replica has promised (Raft figure 2, currentTerm and votedFor): the file "quorum-state" in its folder.
//
// Two slots, each in a block of its own, written in place in turn: the one that is known to be on disk is never touched
// before the other one is, so a power loss at any moment leaves a valid one; the newest counts. The file gets its name
// when it has a slot that says nothing and that is on disk: one without any valid slot is damaged, it is not "no vote".
// A replica that is alone needs no file. Layout of a slot, numbers big-endian:
//   magic:4 version:2 flags:2 sequence:8 term:4 voted_for:4 lost_until:4 crc:4
//
// Nothing here waits for the disk, so that the replicas of a node share their syncs. What has to be synced, and when:
//
//   prepare()  made, as a temporary file ---sync of it, and of the parent folder's names---> gets its name
//   open()     found, and written again ----sync of it, and of the names of both folders---> counts
//   store()    a slot is written -----------sync of it, the first time with its name-------> on disk
//
// A store() that comes before waits. A power loss before the end of the last line leaves a file that says nothing, or
// none, or what was there before: nobody has been told anything else.
#pragma once

#include "actors/log/sync_latch.hpp"
#include "actors/raft/hard_state.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chisme::log {

/// One slot, pure.
namespace quorum_slot {

inline constexpr size_t size = 32;
inline constexpr uint64_t distance = 4096; ///< between the two

struct decoded {
  raft::hard_state state;
  uint64_t sequence = 0; ///< 0: of the slot that says nothing
  bool is_newer = false; ///< written by a newer version of this program: the rest is not known
};

std::array<std::byte, size> encode(const raft::hard_state& state, uint64_t sequence);
/// nullopt where it is not whole. `bytes`: what the file has of the slot, which may be less than a slot.
std::optional<decoded> decode(bytes_view bytes);

} // namespace quorum_slot

/// The file. Owned by the replica, which calls everything here; what is dirty() may be synced by another thread.
class quorum_state {
public:
  /// Reads what is in `dir`. Errors: corrupt_message where the file holds data and no slot is whole, which is damage
  /// and not "no vote"; unsupported_version; kafka_storage_error.
  static result<quorum_state> open(files& disk, const std::string& dir);

  /// What open() has found. It may be in the system's cache only: nobody may go by it while has_unsynced_find().
  const std::optional<raft::hard_state>& found() const { return found_; }
  bool has_unsynced_find() const { return is_unsure_ && is_named_; }
  /// What is on disk; nullopt: nothing was ever stored, or what was found is not synced.
  const std::optional<raft::hard_state>& on_disk() const { return on_disk_; }

  /// Makes the file, so that a store() has to wait for one sync only, where this one is synced before. Fine where it is
  /// there.
  result<void> prepare();

  /// Writes the state; where one is being synced it waits for that, and takes the place of one that waits. A failure is
  /// told here or by mark_synced(), and means that nothing may be said that needs the state; the next store tries again
  /// unless a sync has failed, which is final.
  result<void> store(const raft::hard_state& state);

  struct unsynced {
    std::vector<file_ptr> files; ///< to be synced, folders last; empty: nothing
    uint64_t ticket = 0;
  };
  unsynced dirty() const;
  bool is_dirty() const { return is_unsure_ || written_; }
  /// `what` has been synced. Writes what has waited: dirty() again then.
  result<void> mark_synced(const unsynced& what);
  /// How many calls of store() that went well so far are on disk, by their own state or by that of a later one.
  uint64_t stores_on_disk() const { return stores_on_disk_; }
  /// dirty(), sync, mark_synced() until nothing is left: for tests.
  result<void> sync();

private:
  quorum_state(std::unique_ptr<latched_files> disk, std::string path)
    : disk_(std::move(disk)), path_(std::move(path)) {}

  result<void> read();
  result<void> open_folders();
  result<void> give_name();
  result<void> write(const raft::hard_state& state);
  result<void> write_waiting();

  std::unique_ptr<latched_files> disk_;
  std::string path_;
  file_ptr file_;          ///< null while there is none
  file_ptr folder_;        ///< and the one that it is in; set until they are synced, as is the next one
  file_ptr parent_;        ///< null as well where the folder has none
  bool is_unsure_ = false; ///< the file was made, or found, and is not synced: no slot of it may be touched
  bool is_named_ = false;
  std::optional<raft::hard_state> found_;
  std::optional<raft::hard_state> on_disk_;
  std::optional<raft::hard_state> written_; ///< and not synced
  std::optional<raft::hard_state> waiting_; ///< for the one that is written, or for the file
  uint64_t sequence_ = 0;
  int slot_on_disk_ = 0; ///< holds on_disk_
  uint64_t ticket_ = 0;
  uint64_t stores_ = 0;
  uint64_t stores_written_ = 0; ///< of them, those that written_ stands for
  uint64_t stores_on_disk_ = 0;
};

} // namespace chisme::log
