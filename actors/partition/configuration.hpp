// Who belongs to a replication group.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <vector>

namespace chisme::partition {

/// The voters of a partition, each once, sorted. A majority of them commits and elects (Raft section 5.2, 5.3).
class configuration {
public:
  explicit configuration(std::vector<node_id> voters) : voters_(std::move(voters)) {
    std::sort(voters_.begin(), voters_.end());
    voters_.erase(std::unique(voters_.begin(), voters_.end()), voters_.end());
  }

  const std::vector<node_id>& voters() const { return voters_; }
  size_t size() const { return voters_.size(); }
  bool is_voter(node_id id) const { return std::binary_search(voters_.begin(), voters_.end(), id); }
  size_t majority() const { return voters_.size() / 2 + 1; }

  friend bool operator==(const configuration&, const configuration&) = default;

private:
  std::vector<node_id> voters_;
};

} // namespace chisme::partition
