// Who belongs to a replication group.
#pragma once

#include "messages/ids.hpp"
#include "messages/peer/raft_types.hpp"

#include <algorithm>
#include <vector>

namespace chisme::raft {

/// The voters of a partition, each once, sorted. A majority of them commits and elects (Raft section 5.2, 5.3). While
/// the membership changes the configuration is joint: it takes a majority of the voters to come and one of those that
/// were before (Raft section 6).
class configuration {
public:
  explicit configuration(std::vector<node_id> voters, std::vector<node_id> outgoing = {})
    : voters_(sorted(std::move(voters))), outgoing_(sorted(std::move(outgoing))) {}
  explicit configuration(const peer::raft_configuration& c) : configuration(c.voters, c.outgoing) {}
  peer::raft_configuration message() const { return {voters_, outgoing_}; }

  /// Those to come, where it is joint.
  const std::vector<node_id>& voters() const { return voters_; }
  const std::vector<node_id>& outgoing() const { return outgoing_; }
  bool is_joint() const { return !outgoing_.empty(); }
  size_t size() const { return voters_.size(); }
  bool is_voter(node_id id) const { return contains(voters_, id) || contains(outgoing_, id); }
  bool is_alone(node_id id) const { return !is_joint() && voters_.size() == 1 && voters_.front() == id; }

  /// Whether those for whom `is_there` is true decide.
  template <class Is>
  bool has_quorum(const Is& is_there) const {
    return has_majority(voters_, is_there) && (!is_joint() || has_majority(outgoing_, is_there));
  }
  /// All that vote, each once.
  std::vector<node_id> everybody() const {
    auto all = voters_;
    all.insert(all.end(), outgoing_.begin(), outgoing_.end());
    return sorted(std::move(all));
  }
  /// Both majorities, on the way to `next`; and the end of that way.
  configuration joint_with(const std::vector<node_id>& next) const { return configuration{next, voters_}; }
  configuration joined() const { return configuration{voters_}; }

  friend bool operator==(const configuration&, const configuration&) = default;

private:
  static std::vector<node_id> sorted(std::vector<node_id> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }
  static bool contains(const std::vector<node_id>& ids, node_id id) {
    return std::binary_search(ids.begin(), ids.end(), id);
  }
  template <class Is>
  static bool has_majority(const std::vector<node_id>& ids, const Is& is_there) {
    return static_cast<size_t>(std::count_if(ids.begin(), ids.end(), is_there)) > ids.size() / 2;
  }

  std::vector<node_id> voters_;
  std::vector<node_id> outgoing_;
};

} // namespace chisme::raft
