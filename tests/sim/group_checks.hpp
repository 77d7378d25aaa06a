// What must be true of a coordinator, whatever its members do: told of every request and of everything that was
// decided, it says what is wrong. It knows the coordinator only by what it answers and writes.
#pragma once

#include "tests/sim/classic_client.hpp"
#include "tests/sim/committed_model.hpp"

#include <map>
#include <set>

namespace chisme::test {

/// A static member is one for as long as its instance: ids "s3-17" and "s3-20" are both s3. Others are their ids.
std::string owner_of(const std::string& member_id);

struct sent_request {
  groups::ticket to = 0;
  groups::group_request request;
};

class group_checks {
public:
  void sent(const sent_request& r);
  /// What one handle() or tick() decided. Offsets go with their topics; others may where that was asked for, or their
  /// time is up.
  void decided(const groups::effects& out, const groups::topic_catalog& topics, bool may_forget);
  /// The oldest decision that is not yet committed is.
  void committed() { offsets_.committed(); }
  /// What was decided before is committed, the answer leaves.
  void left(groups::ticket to);
  /// The coordinator is gone, with what it had not yet committed; `left` is what it is made of anew.
  void lost(const std::vector<groups::group_record>& left);

  const committed_model& offsets() const { return offsets_; }
  /// Whether the member was told of the group's newest generation.
  bool is_told_newest(const std::string& id_of_group, const std::string& member_id);
  size_t unanswered() const { return asked_.size(); }
  const std::string& wrong() const { return wrong_; }
  void fail(const std::string& what) {
    if (wrong_.empty())
      wrong_ = what;
  }

private:
  struct generation {
    std::set<std::string> told;                                    ///< ids that were told of it
    std::optional<std::set<std::string>> members;                  ///< owners, as the leader was told
    std::optional<std::map<std::string, std::string>> plan;        ///< by owner, what the leader shared out
    std::map<std::pair<std::string, int32_t>, std::string> owners; ///< of partitions, as members were told
  };
  struct group {
    int32_t newest = 0;
    int32_t known = 0; ///< the newest that a member knows of, as its answer has left
    std::map<int32_t, generation> generations;
    std::map<std::string, std::string> instances; ///< the id that each instance has now
    std::set<std::string> gone;                   ///< ids that left or were replaced
  };

  void recall(group& g, const kafka::group_metadata_value& value);
  void check_join(groups::ticket to, const kafka::join_group_request& q, const kafka::join_group_response& r);
  void check_member_list(const std::string& id, const kafka::join_group_response& r);
  void take_plan(const kafka::sync_group_request& q, const kafka::sync_group_response& r);
  void check_sync(const kafka::sync_group_request& q, const kafka::sync_group_response& r);
  void check_heartbeat(const kafka::heartbeat_request& q, const kafka::heartbeat_response& r);
  void check_leave(const kafka::leave_group_request& q, const kafka::leave_group_response& r);
  void check_commit(const kafka::offset_commit_request& q, const kafka::offset_commit_response& r,
                    const groups::topic_catalog& topics);
  void check_is_current(const std::string& what, const std::string& id_of_group, int32_t in,
                        const std::string& member_id);

  std::map<groups::ticket, groups::group_request> asked_;
  std::map<std::string, group> groups_;
  std::vector<std::pair<std::string, kafka::join_group_response>> lists_; ///< of the effects at hand
  std::map<groups::ticket, std::pair<std::string, int32_t>> joined_;      ///< group and generation of answers to leave
  committed_model offsets_;
  std::string wrong_;
};

} // namespace chisme::test
