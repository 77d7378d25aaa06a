// A consumer of KIP-848: one heartbeat after the other, a new assignment taken when it has given up what it must.
#pragma once

#include "tests/sim/classic_client.hpp"

namespace chisme::test {

class consumer_client {
public:
  struct profile {
    std::string name;
    std::string group;
    std::optional<std::string> instance;
    int32_t rebalance_ms = 20'000;
    std::vector<std::string> topics;
    std::string regex; ///< besides the names; empty: none
  };
  using outgoing = classic_client::outgoing;

  consumer_client(profile p, uint64_t seed) : profile_(std::move(p)), random_(seed) {}

  /// A new process, under a new member id.
  void start(timestamp_ms now);
  void vanish() { on_ = false; }
  bool is_on() const { return on_; }

  std::optional<timestamp_ms> next_action() const { return on_ && !waiting_ ? std::optional{at_} : std::nullopt; }
  outgoing act(timestamp_ms now, const topics_view& topics);
  void told(const groups::group_response& response, timestamp_ms now);
  void connection_lost(timestamp_ms now);

  outgoing a_commit();
  /// For good, or for a while where it is an instance.
  outgoing a_leave();

  const profile& about() const { return profile_; }
  const std::string& id() const { return id_; }
  bool is_stable() const { return on_ && has_joined_ && has_ == told_; }
  /// By name, as far as the topics are still there.
  owned_partitions owned() const { return names_; }

private:
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  void join_again(timestamp_ms now);
  outgoing a_heartbeat();
  void take(const kafka::consumer_group_heartbeat_response& r, timestamp_ms now);
  void name(const topics_view& topics);

  profile profile_;
  std::mt19937_64 random_;
  bool on_ = false, waiting_ = false, has_joined_ = false;
  bool tell_all_ = false; ///< the last answer did not come
  int processes_ = 0;
  timestamp_ms at_ = 0;
  timestamp_ms revoked_at_ = 0; ///< when it has given up what it was told to
  std::string id_;
  int32_t epoch_ = 0;
  groups::partition_set has_, told_, reported_;
  owned_partitions names_;
  int64_t position_ = 0;
};

} // namespace chisme::test
