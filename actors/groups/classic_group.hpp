// A consumer group of the classic protocol: its members meet (JoinGroup), the leader shares out the work (SyncGroup),
// and all show that they are alive (Heartbeat) until somebody comes or goes and they meet again.
//
//   empty -> preparing_rebalance -> completing_rebalance -> stable
//
// What outlives a restart is `saved()`: the group as it was when its members last met, became stable or went, or when a
// static member was replaced. Kafka does not write when members have met, and may count the same generations again
// after a restart; here a late SyncGroup of a lost generation cannot be taken for one of its namesake. A record of
// members without a leader stands for a meeting that came to no assignment: who reads it lets them meet again.
// A group that Kafka would call Dead is no object at all: its shard has dropped it.
//
// Invariants: parked_joins_ counts the members with a parked join; supported_ counts for each protocol the members that
// support it; said_bytes_ and assigned_bytes_ are sums over them; statics_ has exactly the members with an instance id;
// a deadline in timers_ belongs to a member or to a pending id; a member with a parked request has none, unless it is
// new. Each parked ticket is answered once.
#pragma once

#include "actors/groups/classic_answers.hpp"
#include "actors/groups/classic_member.hpp"
#include "actors/groups/deadlines.hpp"
#include "actors/groups/effects.hpp"
#include "actors/groups/expiry_rule.hpp"
#include "actors/groups/group_conversion.hpp"
#include "actors/groups/group_settings.hpp"
#include "actors/groups/pending_ids.hpp"
#include "actors/groups/topic_catalog.hpp"

#include <map>
#include <memory>
#include <set>

namespace chisme::groups {

enum class classic_state : uint8_t { empty, preparing_rebalance, completing_rebalance, stable };

/// As clients are shown it: "PreparingRebalance".
std::string_view to_string(classic_state state);

class classic_group {
public:
  using value = kafka::group_metadata_value;

  classic_group(std::string id, std::shared_ptr<const group_context> around)
    : id_(std::move(id)), around_(std::move(around)) {}

  /// A record of this group, from the log or just decided: the only way that saved() changes.
  void apply(const std::optional<value>& saved);
  /// The log has been read: the members are there again, with sessions that start now.
  void loaded(timestamp_ms now, effects& out);
  const std::optional<value>& saved() const { return saved_; }
  bool has_record() const { return saved_.has_value(); }

  void join(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void sync(const asker& who, const kafka::sync_group_request& r, timestamp_ms now, effects& out);
  error_code heartbeat(const kafka::heartbeat_request& r, timestamp_ms now);
  void leave(const asker& who, const kafka::leave_group_request& r, timestamp_ms now, effects& out);

  // classic_conversion.cpp: the group becomes one of the consumer protocol, or was one until now
  /// The members that have been in a generation. Others hold nothing, and join again.
  classic_group_members members() const;
  /// All who wait are told to join again.
  void dissolve(effects& out);
  /// Goes on with the members of a consumer group, whose first meeting begins.
  void resume(const classic_group_members& from, timestamp_ms now, effects& out);

  /// Whether the member may commit; if so its session begins anew.
  error_code check_commit(const kafka::offset_commit_request& r, timestamp_ms now);
  error_code check_delete() const;
  error_code check_offset_delete() const;
  /// Whether members read the topic, as far as the group knows: where it does not, of a group of consumers all topics.
  bool is_subscribed(const std::string& topic) const;
  expiry_rule offsets_expire() const;

  kafka::describe_groups_response::described_group describe() const;
  kafka::list_groups_response::listed_group list() const;

  bool has_instance(const std::string& id) const { return statics_.contains(id); }
  classic_state state() const { return state_; }
  int32_t generation() const { return generation_; }
  size_t size() const { return members_.size(); }
  bool is_empty() const { return state_ == classic_state::empty; }
  /// Nothing but its offsets would be lost with it.
  bool is_unused() const { return is_empty() && pending_.empty(); }

  std::optional<timestamp_ms> next_deadline() const;
  /// Does all that is due.
  void tick(timestamp_ms now, const topic_catalog& topics, effects& out);

private:
  using member = classic_member;
  using error = error_code;

  // classic_join.cpp
  bool has_room_for(const std::string& member_id) const;
  bool has_room_for_words(const std::string& member_id, const asker& who, const kafka::join_group_request& r) const;
  bool can_agree_with(const kafka::join_group_request& r) const;
  void join_as_new(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void join_as_replacement(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void join_again(const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void add_member(std::string id, const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void answer_replacement(const member& m, const asker& who, const std::string& old_leader, effects& out);
  void rejoin(member& m, const asker& who, const kafka::join_group_request& r, timestamp_ms now, effects& out);
  void update(member& m, const kafka::join_group_request& r);
  std::string new_member_id(const asker& who, const kafka::join_group_request& r) const;

  // classic_rebalance.cpp
  void rebalance_or_complete(timestamp_ms now, effects& out);
  void prepare_rebalance(timestamp_ms now, effects& out);
  void begin_initial_rebalance(timestamp_ms now, effects& out);
  void maybe_complete_join(timestamp_ms now, effects& out);
  void join_is_due(timestamp_ms now, effects& out);
  void complete_join(timestamp_ms now, effects& out);
  void remove_stragglers(effects& out);
  bool elect_leader();
  void become_empty(timestamp_ms now, effects& out);
  void sync_is_due(timestamp_ms now, effects& out);
  void next_generation();
  std::string select_protocol() const;
  int32_t longest_rebalance_timeout() const;

  // classic_sync.cpp
  error check_sync(const kafka::sync_group_request& r) const;
  void take_assignments(const kafka::sync_group_request& r, timestamp_ms now, effects& out);
  void synced(const std::string& member_id);
  error leave_one(const std::string& member_id, const std::optional<std::string>& instance, bool& left, effects& out);

  // classic_group.cpp
  member* find(const std::string& member_id);
  error check_member(const std::string& member_id, const std::optional<std::string>& instance) const;
  bool knows_generation(const std::string& member_id, int32_t generation) const;
  void save(effects& out);
  void load_member(const value::member& m, timestamp_ms now);
  void recall_subscriptions();
  void expire(const std::string& member_id, timestamp_ms now, effects& out);
  void arm(const member& m, timestamp_ms now);
  void count_protocols(member& m, int by);
  void assign(member& m, buffer assignment);
  void remove(const std::string& member_id, error why, effects& out);
  void park_join(member& m, const asker& who, effects& out);
  void park_sync(member& m, const asker& who, effects& out);
  void unpark(member& m, error why, effects& out);
  void answer_join(member& m, effects& out);
  void answer_sync(member& m, error code, effects& out);
  kafka::join_group_response joined(const member& m) const;
  std::vector<kafka::join_group_response::member> members_for_leader() const;
  kafka::sync_group_response synced_response(const member& m) const;

  std::string id_;
  std::shared_ptr<const group_context> around_;
  std::optional<value> saved_;

  classic_state state_ = classic_state::empty;
  timestamp_ms state_since_ = -1;
  int32_t generation_ = 0;
  std::optional<std::string> protocol_type_; ///< none: a group of offsets only
  std::optional<std::string> protocol_;
  std::optional<std::string> leader_;
  std::map<std::string, member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>> statics_; ///< instance id to member id
  std::map<std::string, int, std::less<>> supported_;
  size_t parked_joins_ = 0;
  size_t said_bytes_ = 0;     ///< by all members under all their protocols, with their names
  size_t assigned_bytes_ = 0; ///< of all members
  pending_ids pending_;
  std::set<std::string, std::less<>> not_synced_; ///< members of this generation that have not asked for their part
  std::optional<std::set<std::string, std::less<>>> subscribed_; ///< topics; none: not known

  deadlines<std::string> timers_; ///< sessions of members and of pending ids
  std::optional<timestamp_ms> join_deadline_;
  std::optional<timestamp_ms> sync_deadline_;
  bool is_initial_ = false;     ///< the rebalance under way began with an empty group
  bool was_joined_ = false;     ///< a member came since the initial delay was last extended
  int64_t initial_ms_left_ = 0; ///< by how much the initial delay may yet be extended
};

} // namespace chisme::groups
