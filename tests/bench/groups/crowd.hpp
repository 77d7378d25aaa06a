// Many members over real connections to one node, in one thread.
#pragma once

#include "tests/bench/groups/member.hpp"

namespace chisme::bench {

struct protocol {
  const char* name;
  std::unique_ptr<member> (*make)(event_loop&, const group_plan&, std::string group, size_t number);
};

inline constexpr protocol classic_protocol{"classic", make_classic_member};
inline constexpr protocol consumer_protocol{"848", make_consumer_member};

/// Waits until the coordinator of the group answers; the first one to ask makes `__consumer_offsets`.
void wait_for_coordinator(connection& to, const std::string& group);

struct crowd_size {
  size_t groups = 1;
  size_t members = 1; ///< of each group; the topic has as many partitions
  bool reads = false;
  bool resumes = false; ///< see board
};

class crowd {
public:
  /// Makes the topic, with a record in each partition, and connects everybody. Nobody has joined.
  crowd(uint16_t port, const protocol& kind, const crowd_size& size);

  /// The first `count` join; returns when all of them know what they own.
  void join(size_t count, double heartbeat_interval);
  void join_all(double heartbeat_interval) { join(members_.size(), heartbeat_interval); }

  event_loop& loop() { return loop_; }
  board& reads() { return reads_; }
  member& at(size_t i) { return *members_.at(i); }
  size_t size() const { return members_.size(); }

  /// Sends a record to each partition now and every `interval` seconds, until the end.
  void feed(double interval);
  /// Waits until all partitions are read, and then until all members have had their heartbeats.
  void settle(double heartbeat_interval);

private:
  void feed_once();

  event_loop loop_;
  board reads_;
  channel producer_;
  bytes records_; // a Produce with a record for each partition
  std::vector<std::unique_ptr<member>> members_;
};

} // namespace chisme::bench
