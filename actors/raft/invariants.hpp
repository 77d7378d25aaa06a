// What has to hold for all replicas of a group at all times (Raft figure 3). For simulations: they show each replica
// after each of its steps, whatever it has said, and stop at the first thing that is broken.
#pragma once

#include "actors/raft/configuration.hpp"
#include "actors/raft/group.hpp"

#include <map>
#include <set>
#include <span>
#include <string>

namespace chisme::raft {

class invariants {
public:
  /// An epoch mark takes no offset: first and end are the same.
  struct entry {
    leader_epoch_t epoch = 0;
    offset_t first = 0;
    offset_t end = 0;
    uint64_t content = 0; ///< of a batch: anything that differs where the batches do

    position behind() const { return {epoch, end}; }
    friend bool operator==(const entry&, const entry&) = default;
  };
  struct replica {
    node_id node = nobody;
    role now = role::unopened;
    leader_epoch_t epoch = -1;
    bool is_established = false;
    offset_t commit = 0;
    const configuration* voters = nullptr;
    offset_t log_start = 0;
    position synced;            ///< what its disk holds
    std::span<const entry> log; ///< from log_start on, synced or not
  };

  /// After a step of `who`; `all`: every replica, those that are down by what their disks hold. Empty: all is well.
  std::string after_step(const replica& who, std::span<const replica> all);
  /// A message leaves: it may speak of what is on disk only. `stored`: the hard state there, or the last epoch of the
  /// log there where that is newer, as a start reads it.
  std::string said(node_id node, const output::send& what, const hard_state& stored);
  /// A new process: it knows of no commit.
  void restarted(node_id node) { commits_.erase(node); }
  /// Its disk is gone, and all that it had promised: nobody can hold that against it.
  void lost_disk(node_id node);
  /// It was taken in anew.
  void admitted(node_id node) { forgetful_.erase(node); }

  /// The largest offset that any replica has taken for committed.
  offset_t committed() const { return committed_.empty() ? 0 : committed_.rbegin()->first; }

private:
  struct known {
    entry what;
    position before;
    bool has_before = false;
  };
  struct verified {
    size_t count = 0;
    entry last;
    offset_t start = 0;
  };

  std::string one_leader(const replica& r);
  std::string log_matches(const replica& r);
  std::string commit_is_sound(const replica& r, std::span<const replica> all);
  std::string is_on_disks(const replica& leader, std::span<const replica> all) const;
  std::string leader_is_complete(const replica& r) const;

  std::map<leader_epoch_t, node_id> leaders_;
  std::map<std::pair<leader_epoch_t, offset_t>, known> marks_;   // by where they stand
  std::map<std::pair<leader_epoch_t, offset_t>, known> batches_; // by where they end
  std::map<offset_t, entry> committed_;                          // batches, by where they end
  std::map<node_id, offset_t> commits_;
  std::map<node_id, role> roles_; // after the last step
  std::map<node_id, verified> verified_;
  std::map<std::pair<node_id, leader_epoch_t>, node_id> votes_;
  std::set<node_id> forgetful_; // have lost a disk
};

} // namespace chisme::raft
