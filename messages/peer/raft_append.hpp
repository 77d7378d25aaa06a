// AppendEntries (Raft figure 2). Entries are epoch marks and record batches, in order, behind `prev`. Both lists may be
// empty: then it asks whether the receiver holds `prev`, and tells what is committed.
#pragma once

#include "messages/payload.hpp"
#include "messages/peer/raft_types.hpp"

namespace chisme::peer {

struct raft_append {
  static constexpr std::string_view type_name = "raft_append";
  static constexpr int16_t min_version = 0, max_version = 0;
  /// No tagged fields: nothing stands behind the records, which travel uncopied.
  static constexpr int16_t flexible_since = wire::never;

  raft_group group;
  leader_epoch_t epoch = 0; ///< the sender leads in it
  raft_position prev;
  std::vector<raft_mark> marks;
  offset_t commit = 0;
  offset_t log_start = 0; ///< where the sender's log begins
  payload records;        ///< whole batches, one behind the other

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("epoch", x.epoch);
    f("prev", x.prev);
    f("marks", x.marks);
    f("commit", x.commit);
    f("log_start", x.log_start);
    f("records", x.records);
  }
};

} // namespace chisme::peer
