// What keeps alive all groups that two nodes have in common: one message a tick, in each direction. It carries what is
// news of the groups that its sender leads, or led, until the receiver has acknowledged it; for an idle group nothing.
//
// Not flexible: entries are many and small. A later version adds fields by its number.
#pragma once

#include "messages/peer/raft_types.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace chisme::peer {

struct heartbeat_entry {
  raft_group group;
  leader_epoch_t epoch = 0; ///< in which the sender leads the group, or led it
  offset_t commit = 0;      ///< known as committed by the sender
  bool leads = true;        ///< false: not any more in this epoch, or the receiver is no member any more

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("commit", x.commit);
    f("leads", x.leads);
  }
  friend bool operator==(const heartbeat_entry&, const heartbeat_entry&) = default;
};

struct heartbeat {
  static constexpr std::string_view type_name = "heartbeat";
  static constexpr int16_t min_version = 0, max_version = 0;
  static constexpr int16_t flexible_since = wire::never;
  /// Of one message. The rest comes with the next ones.
  static constexpr size_t max_bytes = 64 * 1024;
  static constexpr size_t entry_bytes = 16 + 4 + 4 + 8 + 1;
  static constexpr size_t header_bytes = 8 + 8 + 8 + 8 + 1 + 4;
  static constexpr size_t max_entries = (max_bytes - header_bytes) / entry_bytes;

  uint64_t process = 0;      ///< the sender's
  uint64_t to_process = 0;   ///< the receiver's, as the sender knows it: what it was told so far; 0: not known
  uint64_t sequence = 0;     ///< of the sender's process: ascends from 1
  uint64_t acknowledged = 0; ///< the last sequence that came from to_process
  bool more = false;         ///< there is news that did not fit
  std::vector<heartbeat_entry> entries;

  static void visit(auto& f, auto& x) {
    f("process", x.process);
    f("to_process", x.to_process);
    f("sequence", x.sequence);
    f("acknowledged", x.acknowledged);
    f("more", x.more);
    f("entries", x.entries);
  }
  friend bool operator==(const heartbeat&, const heartbeat&) = default;
};

} // namespace chisme::peer
