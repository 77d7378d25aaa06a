#include "actors/raft/votes.hpp"

namespace chisme::raft {

void votes::grant(node_id from) {
  if (std::ranges::find(granted_, from) == granted_.end())
    granted_.push_back(from);
}

bool votes::elect(const configuration& voters) const {
  return voters.has_quorum([&](node_id id) { return std::ranges::find(granted_, id) != granted_.end(); });
}

} // namespace chisme::raft
