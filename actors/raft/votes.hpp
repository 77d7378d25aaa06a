// Who has said yes.
#pragma once

#include "actors/raft/configuration.hpp"

namespace chisme::raft {

/// Votes, or pre-votes, of one campaign. Everybody's is taken, those of voters are counted: of a joint configuration
/// it takes both majorities (Raft section 6). Who votes twice has one vote.
class votes {
public:
  void grant(node_id from);
  bool elect(const configuration& voters) const;
  void clear() { granted_.clear(); }

private:
  std::vector<node_id> granted_;
};

} // namespace chisme::raft
