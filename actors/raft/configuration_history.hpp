// Which configurations the epoch marks of a log carry.
#pragma once

#include "actors/raft/configuration.hpp"

namespace chisme::raft {

/// Kept beside the log's epoch marks, by who owns the log, and changed with them. A mark that retention drops leaves
/// its configuration in force, so this is a list of its own: only the end of the log takes entries away.
class configuration_history {
public:
  struct entry {
    leader_epoch_t epoch = 0;
    configuration config;
    friend bool operator==(const entry&, const entry&) = default;
  };

  /// The mark of `epoch` was written; it is the last one of the log.
  void assign(leader_epoch_t epoch, configuration config) {
    truncate(epoch - 1);
    entries_.push_back({epoch, std::move(config)});
  }
  /// The log was cut to a position in `epoch`: later marks are gone. True where anything changed.
  bool truncate(leader_epoch_t epoch) {
    return std::erase_if(entries_, [&](const entry& e) { return e.epoch > epoch; }) > 0;
  }
  void clear() { entries_.clear(); }

  /// The one in force at the mark of `epoch`; null: the initial one.
  const entry* at(leader_epoch_t epoch) const {
    const auto behind = std::ranges::partition_point(entries_, [&](const entry& e) { return e.epoch <= epoch; });
    return behind == entries_.begin() ? nullptr : &*std::prev(behind);
  }
  /// In force at the end of the log: a configuration counts as soon as it is in the log (Raft section 6).
  const entry* latest() const { return entries_.empty() ? nullptr : &entries_.back(); }

  const std::vector<entry>& entries() const { return entries_; }
  friend bool operator==(const configuration_history&, const configuration_history&) = default;

private:
  std::vector<entry> entries_;
};

} // namespace chisme::raft
