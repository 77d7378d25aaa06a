// What groups have committed, as those who committed it were told: what has been decided, and what of that cannot be
// lost any more because it is committed itself.
#pragma once

#include "tests/support/group_conversation.hpp"

#include <deque>

namespace chisme::test {

class committed_model {
public:
  using place = std::pair<std::string, int32_t>; ///< topic and partition

  // One decision: a commit that is answered so, offsets that are let go, and its end.
  /// Returns whether it was taken for any partition.
  bool answered(const kafka::offset_commit_request& q, const kafka::offset_commit_response& r,
                const groups::topic_catalog& topics);
  void forgotten(const groups::offset_record& r);
  void decided() { open_.push_back(std::exchange(at_hand_, {})); }

  /// The oldest decision that is not yet committed is, and its answers leave.
  void committed();
  /// The coordinator is gone with what was not committed.
  void lost();

  /// Whether the topic that it was committed for is no more, or another one of its name.
  bool has_lost_its_topic(const groups::offset_record& r, const groups::topic_catalog& topics) const;

  /// Empty where the coordinator tells of all offsets of the group what was committed last, and of no others.
  std::string difference(groups::group_shard& shard, const std::string& group, const groups::topic_catalog& topics,
                         timestamp_ms now) const;

private:
  struct committed_offset {
    int64_t offset = -1;
    uuid topic;
  };
  struct change {
    std::string group;
    place where;
    std::optional<committed_offset> put; ///< nullopt: it goes
  };
  using of_group = std::map<place, committed_offset>;
  using of_groups = std::map<std::string, of_group>;

  static void apply(const change& c, of_groups& to);
  const of_group& offsets_of(const std::string& group) const;

  std::vector<change> at_hand_;
  std::deque<std::vector<change>> open_;
  of_groups now_, kept_;
};

} // namespace chisme::test
