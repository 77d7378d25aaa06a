// The epochs (generations) that the members of a group were told last, and so what each may commit with. It knows the
// coordinator by its answers.
#pragma once

#include "tests/support/group_conversation.hpp"

#include <set>

namespace chisme::test {

class told_epochs {
public:
  void told(const groups::group_request& q, const groups::group_response& r);
  /// All others are gone.
  void only(const std::set<std::string>& members);

  /// Why a commit must not be taken; empty where it may be.
  ///
  /// Both protocols ask for the epoch itself. What a member was told before is over with the answer that tells it the
  /// next, whether that arrives or not: then others may have been told of partitions that it had until there.
  std::string wrong_with(const kafka::offset_commit_request& q) const;

  bool is_told(const std::string& member, int32_t epoch) const {
    const auto i = epochs_.find(member);
    return i != epochs_.end() && i->second == epoch;
  }

  /// Whether the member was told all that anybody was.
  bool is_told_newest(const std::string& member) const;

  /// Empty where a coordinator that is made of these records knows all that were told an epoch, in that epoch: where
  /// one was told of it, it is written.
  std::string missing_in(const std::vector<groups::group_record>& records) const;

private:
  void came(const std::string& member, int32_t epoch, const std::optional<std::string>& instance);

  std::map<std::string, int32_t> epochs_;        ///< by member
  std::map<std::string, std::string> instances_; ///< who has each
  size_t members_ = 0;
};

} // namespace chisme::test
