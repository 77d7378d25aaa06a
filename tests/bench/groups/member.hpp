// A member of a group, as a client would be one: it joins, sends heartbeats, does what it is told, and leaves.
#pragma once

#include "tests/bench/groups/reader.hpp"

#include <memory>

namespace chisme::bench {

/// What the members of a group have in common.
struct group_plan {
  uint16_t port = 0;
  std::string topic;
  uuid topic_id;
  int32_t partitions = 0;
  board* reads = nullptr; ///< null: members own partitions and read nothing
};

class member {
public:
  /// `number` names it among the members of the crowd.
  member(event_loop& loop, const group_plan& plan, std::string group, size_t number);
  virtual ~member() = default;
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  virtual void join() = 0;
  virtual void leave() = 0;
  /// Whether it knows what it owns.
  virtual bool settled() const = 0;

  /// Heartbeats every `seconds` from now on, the first after a part of that which differs from member to member.
  void pace(double seconds);
  size_t number() const { return number_; }
  channel& coordinator() { return coordinator_; }

protected:
  virtual void heartbeat() = 0;
  virtual kafka::offset_fetch_request::group identity() const = 0;
  /// What it owns from now on, in any order.
  void own(std::vector<int32_t> partitions);

  const group_plan plan_;
  const std::string group_;

private:
  void beat(uint64_t pace, double seconds);

  event_loop& loop_;
  const size_t number_;
  channel coordinator_;
  std::optional<reader> reader_;
  uint64_t pace_ = 0;
};

/// A member by JoinGroup and SyncGroup, with the eager protocol: in a rebalance all give up everything. The leader
/// assigns ranges.
std::unique_ptr<member> make_classic_member(event_loop& loop, const group_plan& plan, std::string group, size_t number);
/// A member by KIP-848. It does not keep to the interval that the node asks for, but to pace().
std::unique_ptr<member> make_consumer_member(event_loop& loop, const group_plan& plan, std::string group,
                                             size_t number);

} // namespace chisme::bench
