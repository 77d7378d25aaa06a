// Who of a group gets which partitions: the server side assignors of KIP-848. Pure, and the same for the same
// input.
//
// Every partition of a topic that somebody subscribes to goes to exactly one of its subscribers.
#pragma once

#include "actors/groups/partition_set.hpp"

#include <string_view>
#include <vector>

namespace chisme::groups {

struct assignable_topic {
  uuid id;
  int32_t partitions = 0;
};

struct subscriber {
  std::string_view id;
  std::string_view instance;              ///< empty for a dynamic member
  uint32_t subscription = 0;              ///< position in assignment_task::subscriptions
  const partition_set* current = nullptr; ///< what it had by the last assignment
};

struct assignment_task {
  std::vector<assignable_topic> topics; ///< sorted by id
  /// Positions of topics, ascending. Most groups have but one, that all members share.
  std::vector<std::vector<uint32_t>> subscriptions;
  std::vector<subscriber> members;

  const std::vector<uint32_t>& topics_of(const subscriber& member) const { return subscriptions[member.subscription]; }
};

/// By position of the member.
using assignment = std::vector<partition_set>;
using assignor = assignment (*)(const assignment_task&);

/// Balanced and sticky. Where all members subscribe to the same topics, no two of them differ by more than
/// one partition and none moves without need; otherwise no move of one partition makes it more even.
assignment assign_uniform(const assignment_task& task);

/// By topic, a contiguous range for each member in the members' order (static ones first, by instance):
/// members with the same subscriptions get the same partition numbers of topics with as many partitions.
assignment assign_range(const assignment_task& task);

/// By its name in `group.consumer.assignors`; null if there is none.
assignor find_assignor(std::string_view name);

} // namespace chisme::groups
