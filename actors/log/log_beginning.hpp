// What the history of a log leaves behind for one that begins in the middle of it: where it goes on, which epochs and
// configurations there were, and the producers. While a log is being reset, it is a file of its own.
#pragma once

#include "actors/raft/position.hpp"
#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/peer/raft_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::log {

struct log_beginning {
  offset_t start = 0;
  /// Ascending, none behind `start`. The first one that carries a configuration may be older than that: it names the
  /// one in force.
  std::vector<peer::raft_mark> marks;
  buffer producers; ///< as producer_state::snapshot() writes them; empty: none

  raft::position position() const { return {marks.empty() ? -1 : marks.back().epoch, start}; }
  friend bool operator==(const log_beginning&, const log_beginning&) = default;
};

/// Null, or what is wrong with the marks: epochs and offsets that go back, one behind the start, voters who are none.
const char* insane(const log_beginning& b);

/// The file of a reset under way, with a checksum over all of it.
std::string encode(const log_beginning& b);
/// The reverse; corrupt_message naming `path` where it is torn or damaged.
result<log_beginning> decode_beginning(std::string_view content, const std::string& path);

} // namespace chisme::log
