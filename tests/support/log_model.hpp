// What a partition's log must be, whatever happened to it: the simple truth that the crash test compares with.
#pragma once

#include "actors/log/partition_log.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace chisme::test {

class log_model {
public:
  struct batch {
    offset_t base = 0;
    offset_t next = 0;
    std::string bytes;
  };

  offset_t start = 0;         ///< where readers may start at the earliest moment that was asked for
  offset_t durable_start = 0; ///< the same, known to be on disk
  offset_t asked_start = 0;   ///< the same of earlier processes: a crash may bring back what a restart did not find
  offset_t acknowledged = 0;  ///< everything below was synced: it must be there
  std::vector<log::epoch_mark> durable_epochs;

  offset_t end() const { return batches_.empty() ? origin_ : batches_.back().next; }
  const std::vector<batch>& batches() const { return batches_; }

  void append(offset_t base, offset_t next, std::string bytes) {
    ever_[base].insert(bytes);
    batches_.push_back({base, next, std::move(bytes)});
  }
  /// A write that failed: its bytes may turn up after a crash, but need not.
  void attempted(offset_t base, std::string bytes) { ever_[base].insert(std::move(bytes)); }
  void truncate(offset_t to);
  void reset(offset_t to);

  /// Compares with a log that was just opened; takes over what it found behind the acknowledged part. Returns what
  /// is wrong, empty when nothing is. `nothing_lost`: the system went on, only the process ended.
  std::string adopt(log::partition_log& found, bool nothing_lost);
  /// Compares with a log in use.
  std::string compare(log::partition_log& l) const;

private:
  std::string read_all(log::partition_log& l, std::vector<batch>& out) const;

  offset_t origin_ = 0;
  std::vector<batch> batches_;
  std::map<offset_t, std::set<std::string>> ever_; ///< everything that was ever written at an offset
};

} // namespace chisme::test
