// What a replica has promised (Raft figure 2, currentTerm and votedFor): the file "quorum-state" in its folder.
//
// Two slots, each in a block of its own, written in place in turn: the one that is known to be on disk is never touched
// before the other one is, so a power loss at any moment leaves a valid one; the newest counts. The file begins with a
// slot that says nothing, whole and under its name: one without any valid slot is damaged, it is not "no vote". There
// is no file before the first store: a replica that is alone needs none. Layout of a slot, numbers big-endian:
//   magic:4 version:2 flags:2 sequence:8 term:4 voted_for:4 lost_until:4 crc:4
#pragma once

#include "actors/log/sync_latch.hpp"
#include "actors/raft/hard_state.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

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
  /// Reads what is in `dir`, and makes sure that it is on disk, so it may block. Errors: corrupt_message where the file
  /// holds data and no slot is whole, which is damage and not "no vote"; unsupported_version; kafka_storage_error.
  static result<quorum_state> open(files& disk, const std::string& dir);

  /// What is on disk; nullopt: nothing was ever stored.
  const std::optional<raft::hard_state>& on_disk() const { return on_disk_; }
  /// The same for who has to begin with something: nothing stored is the log's last epoch, and no vote.
  raft::hard_state on_disk_or(leader_epoch_t last_epoch) const {
    return on_disk_.value_or(raft::hard_state{.term = last_epoch});
  }

  /// Makes the file, durably, so that no store() has to wait for that. Fine where it is there.
  result<void> prepare();

  /// Writes the state; where one is being synced it waits for that, and takes the place of one that waits. A failure is
  /// told here or by mark_synced(), and means that nothing may be said that needs the state; the next store tries again
  /// unless a sync has failed, which is final.
  result<void> store(const raft::hard_state& state);

  struct unsynced {
    file_ptr file; ///< to be synced; null: nothing
    uint64_t ticket = 0;
  };
  unsynced dirty() const { return {written_ ? file_ : nullptr, ticket_}; }
  bool is_dirty() const { return written_.has_value(); }
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
  result<void> sync_folders();
  result<void> write(const raft::hard_state& state);

  std::unique_ptr<latched_files> disk_;
  std::string path_;
  file_ptr file_; ///< null while there is none
  std::optional<raft::hard_state> on_disk_;
  std::optional<raft::hard_state> written_; ///< and not synced
  std::optional<raft::hard_state> waiting_; ///< for the one that is written
  uint64_t sequence_ = 0;
  int slot_on_disk_ = 0; ///< holds on_disk_
  uint64_t ticket_ = 0;
  uint64_t stores_ = 0;
  uint64_t stores_written_ = 0; ///< of them, those that written_ stands for
  uint64_t stores_on_disk_ = 0;
};

} // namespace chisme::log
