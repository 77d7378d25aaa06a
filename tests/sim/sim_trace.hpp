// What happened in a simulated cluster: as one number, in which two runs of a seed that differ in anything differ, and
// as lines for people.
//
//   CHISME_TRACE=1   faults, and what clients find broken
//   CHISME_TRACE=2   and who is up, and who is told what
//   CHISME_TRACE=3   and each frame
//
// Without it, one seed that is run alone (CHISME_SEED) says what is said at level 1.
#pragma once

#include "messages/ids.hpp"
#include "tests/sim/trace_hash.hpp"

#include <string>

namespace chisme::test {

class sim_trace {
public:
  enum level : uint8_t { faults = 1, states = 2, frames = 3 };

  sim_trace();

  /// One event at a node, or of the whole cluster (`nobody`). `what` is called for the words where they are printed.
  static constexpr node_id nobody = -1;
  void note(level of, timestamp_ms when, node_id at, const std::string& what);
  /// For events that are too many to put each into words: `detail` is only hashed.
  void note(timestamp_ms when, node_id at, std::string_view kind, std::string_view detail);

  bool shows(level l) const { return l <= shown_; }
  trace_hash& hash() { return hash_; }
  uint64_t value() const { return hash_.value(); }

private:
  void print(timestamp_ms when, node_id at, std::string_view what) const;

  trace_hash hash_;
  int shown_ = 0;
};

} // namespace chisme::test
