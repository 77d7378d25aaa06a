// Epoch marks: which leader epoch began at which offset.
//
// The list answers OffsetsForLeaderEpoch (KIP-101, KIP-279) and is what replicas compare to find where their logs
// part. In the replication protocol a mark is an entry of its own that takes no offset: it may stand at the end of
// the log, with no batch behind it.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::log {

struct epoch_mark {
  leader_epoch_t epoch = 0;
  offset_t start_offset = 0;
  friend bool operator==(const epoch_mark&, const epoch_mark&) = default;
};

/// What OffsetsForLeaderEpoch answers; both -1 where the epoch is not known.
struct epoch_end {
  leader_epoch_t epoch = -1;
  offset_t end_offset = -1;
  friend bool operator==(const epoch_end&, const epoch_end&) = default;
};

/// Sorted by epoch and by offset. Pure: the owner writes text() to its file after every change.
class leader_epochs {
public:
  /// Reads Kafka's file: version "0", the count, then "epoch offset" a line. Corrupt text and a newer version are
  /// errors that name `path`.
  static result<leader_epochs> parse(std::string_view text, const std::string& path);
  std::string text() const;

  /// A new mark; true where it changed the list. An epoch that is not newer than the latest changes nothing; marks
  /// at larger offsets belonged to a history that is gone and are dropped.
  bool assign(leader_epoch_t epoch, offset_t start_offset);
  /// A batch of that epoch begins there, which is the truth: an earlier mark of its epoch covers it, later ones of
  /// epochs that are not newer belonged to batches that were lost.
  void witness(const epoch_mark& batch);

  std::optional<epoch_mark> latest() const;
  /// The epoch in which the record at `offset` was written; -1 where no mark reaches so far back.
  leader_epoch_t epoch_of(offset_t offset) const;
  /// LeaderEpochFileCache.endOffsetFor: the largest epoch known that is not above `epoch`, and where it ended.
  epoch_end end_offset_for(leader_epoch_t epoch, offset_t log_end) const;

  /// The log now ends at `end`: drops marks behind it. A mark at `end` itself stays where its epoch is at most
  /// `keep_epoch`. True where anything changed.
  bool truncate_end(offset_t end, leader_epoch_t keep_epoch);
  /// The log now starts at `start`: the mark that covers it moves there, older ones go. True where anything changed.
  bool truncate_start(offset_t start);

  const std::vector<epoch_mark>& marks() const { return marks_; }
  friend bool operator==(const leader_epochs&, const leader_epochs&) = default;

private:
  std::vector<epoch_mark> marks_;
};

} // namespace chisme::log
