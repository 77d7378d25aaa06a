// One run of the uniform assignor. Partitions are counted through: topic by topic in the order of the task.
#pragma once

#include "actors/groups/assignors.hpp"

#include <cstdint>

namespace chisme::groups {

class uniform_assignment {
public:
  explicit uniform_assignment(const assignment_task& task);

  assignment run();

private:
  using member = uint32_t;
  using partition = uint32_t; ///< first_[topic] + index
  static constexpr member nobody = UINT32_MAX;

  bool all_subscribe_the_same() const;
  /// Everybody keeps what it had and may still have.
  void keep_current();
  void keep_current(member m);

  /// For equal subscriptions: exact quotas, the fewest moves.
  void share_equally();
  std::vector<partition> cut_to_quota(size_t quota, size_t& extra);

  /// For unequal ones: whatever is free goes to the least loaded subscriber, then single moves level the
  /// rest.
  void share_by_load();
  void give_free_ones(size_t topic);
  bool level(size_t topic);

  void give(partition p, member m);
  assignment result() const;

  const assignment_task& task_;
  std::vector<partition> first_;                 ///< by topic, and the end
  std::vector<member> owner_;                    ///< by partition
  std::vector<uint32_t> load_;                   ///< by member
  std::vector<std::vector<member>> subscribers_; ///< by topic; only for unequal subscriptions
  std::vector<std::vector<partition>> held_;     ///< of the topic that is levelled, by member
};

} // namespace chisme::groups
