// A consumer group of KIP-848: members heartbeat, the group decides who reads which partitions.
//
// The group's epoch grows when what an assignment depends on changes; the target assignment is made for an
// epoch; each member reaches the target's epoch at its own pace (reconciliation.hpp). Invariants, whatever is
// sent:
//   - a partition that a member was told of is told to no other before the first said that it gave it up, or
//   was fenced
//   - epochs of the group and of a member never go back, except that a member starts again from 0 or goes
//   away
//   - what persists changes by apply() only, with the records of the effects, in their order
// Members of a group are told of changes in the answers to their own heartbeats; nothing is ever sent
// unasked.
//
// Members of the classic protocol take part while a group is upgraded or downgraded: their generation is their
// epoch, JoinGroup is a heartbeat that says what they have, SyncGroup tells them what they got. They never wait for
// each other and none leads; Heartbeat says REBALANCE_IN_PROGRESS where they are to join again.
#pragma once

#include "actors/groups/consumer_group_settings.hpp"
#include "actors/groups/consumer_group_state.hpp"
#include "actors/groups/machine.hpp"
#include "actors/groups/member_deadlines.hpp"
#include "actors/groups/topic_catalog.hpp"

#include <functional>
#include <limits>
#include <map>

namespace chisme::groups {

struct consumer_group_effects {
  std::vector<consumer_group_record> records; ///< have been applied; to be appended together, or not at all
  std::vector<answer> answers;                ///< to be given when the records are committed
};

enum class consumer_group_status : uint8_t { empty, assigning, reconciling, stable, dead };

/// "Stable", as Kafka shows it.
std::string_view to_string(consumer_group_status status);

class consumer_group {
public:
  /// `new_id` makes the ids of members that come without one; never the same twice.
  consumer_group(std::string id, consumer_group_settings settings, std::function<uuid()> new_id);

  // requests and time

  void heartbeat(const asker& from, const kafka::consumer_group_heartbeat_request& request, timestamp_ms now,
                 const topic_catalog& catalog, consumer_group_effects& out);
  // the same for members of the classic protocol
  void handle(const asker& from, const kafka::join_group_request& request, timestamp_ms now,
              const topic_catalog& catalog, consumer_group_effects& out);
  void handle(const asker& from, const kafka::sync_group_request& request, timestamp_ms now,
              const topic_catalog& catalog, consumer_group_effects& out);
  void handle(const asker& from, const kafka::heartbeat_request& request, timestamp_ms now,
              const topic_catalog& catalog, consumer_group_effects& out);
  void handle(const asker& from, const kafka::leave_group_request& request, timestamp_ms now,
              const topic_catalog& catalog, consumer_group_effects& out);
  /// Fences the members whose time is up.
  void tick(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out);
  /// A new epoch where the subscribed topics are not what they were. Heartbeats look by themselves.
  void topics_changed(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out);
  /// When tick() has something to do, if no heartbeat comes.
  std::optional<timestamp_ms> next_deadline() const { return deadlines_.next(); }

  // what persists

  void apply(const consumer_group_record& record) { state_.apply(record); }
  /// All records have been applied: sessions begin.
  void loaded(timestamp_ms now);
  const consumer_group_state& persisted() const { return state_; }

  // what is asked about it

  bool exists() const { return state_.exists(); }
  bool empty() const { return state_.members().empty(); }
  /// It has members, and none of them speaks this protocol.
  bool is_all_classic() const { return !empty() && state_.classic_members() == state_.members().size(); }
  consumer_group_status status() const;
  kafka::consumer_group_describe_response::described_group describe(const topic_catalog& catalog) const;
  /// Whether a member subscribes to the topic: its offsets do not expire, and are not deleted.
  bool is_subscribed(std::string_view topic) const { return state_.topics().contains(topic); }
  /// Whether an OffsetCommit of this version with this member and epoch is accepted.
  error_code check_commit(std::string_view member, int32_t epoch, int16_t version) const;
  /// Whether an OffsetFetch is.
  error_code check_fetch(const std::optional<std::string>& member, int32_t epoch) const;

  void configure(consumer_group_settings settings) { settings_ = std::move(settings); }

private:
  /// Of what a member has.
  enum class change : uint8_t { nothing, state, assignment };

  /// One heartbeat on its way.
  struct turn {
    const asker& from;
    const kafka::consumer_group_heartbeat_request& request;
    timestamp_ms now;
    const topic_catalog& catalog;
    consumer_group_effects& out;
    std::string member;                                  ///< who it is about
    std::string replaces;                                ///< the id that the same instance had before
    bool joins = false;                                  ///< somebody who was not there
    bool repeats = false;                                ///< what it says is from before what it was told last
    std::optional<classic_member_metadata> classic = {}; ///< of a JoinGroup
  };

  // consumer_group.cpp: the way of a heartbeat
  void leave(turn& t);
  bool is_ahead(const turn& t) const;
  /// Takes what the member says, and lets it come closer to its target.
  change advance(turn& t);
  static void refuse(const turn& t, error why);
  change reconcile(const turn& t);
  void restart_timers(const turn& t, change changed);
  void answer_with(const turn& t, change changed);
  void fence(std::string member, consumer_group_effects& out);
  void members_went(const topic_catalog& catalog, consumer_group_effects& out);
  int32_t session_timeout_of(const consumer_member& member) const;

  // consumer_group_members.cpp: who it is, and what it wants
  std::optional<error> identify(turn& t) const;
  std::optional<error> identify_instance(turn& t) const;
  std::optional<error> check_epoch(turn& t, const consumer_member& member) const;
  void take_over(const turn& t);
  /// Of a member as it is, what the request has otherwise.
  member_metadata_value wanted_by(const turn& t, const consumer_member* member) const;
  /// Whether the group's records would be larger than one batch, were the member to say what it does.
  bool says_too_much(const turn& t) const;
  /// Puts the member as the request has it; true where it subscribes to other topics than before.
  bool update_member(const turn& t);

  // consumer_group_classic.cpp: members of the classic protocol
  error_code identify_joiner(turn& t) const;
  error_code identify_joining_instance(turn& t) const;
  error_code check_holder(const std::string& member, const std::optional<std::string>& instance) const;
  error_code check_classic(const std::string& member, const std::optional<std::string>& instance) const;
  error_code check_sync(const kafka::sync_group_request& request) const;
  bool has_to_rejoin(const consumer_member& member) const;
  void expect_join(const std::string& member, timestamp_ms now);
  void expect_sync(const turn& t, change changed);
  void answer_join(const turn& t) const;
  error_code leave_one(const std::string& member, const std::optional<std::string>& instance,
                       consumer_group_effects& out);

  // consumer_group_targets.cpp: epochs and targets
  /// True where the subscribed topics are not what the last epoch was made for.
  bool refresh_topics(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out);
  void resolve(const std::string& pattern, timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out);
  void forget_unused_regexes(consumer_group_effects& out);
  int64_t hash_of_topics(const topic_catalog& catalog) const;
  void next_epoch(const topic_catalog& catalog, consumer_group_effects& out);
  bool may_assign(timestamp_ms now) const;
  void assign(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out);
  std::string_view assignor_name() const;

  void put(consumer_group_effects& out, consumer_group_record record);

  consumer_group_settings settings_;
  std::function<uuid()> new_id_;
  consumer_group_state state_;
  member_deadlines deadlines_;
  /// Of classic members: the generation that the last SyncGroup was answered in. Not known after a restart.
  std::map<std::string, int32_t, std::less<>> synced_;
  std::optional<uint64_t> seen_version_; ///< of the catalog
  std::optional<timestamp_ms> last_assigned_;
};

/// What is wrong with a heartbeat by itself, whatever the group; nullopt where nothing is.
std::optional<error> invalid(const kafka::consumer_group_heartbeat_request& request, int16_t version);
/// Whether it asks for what no group of these settings offers.
std::optional<error> unsupported(const kafka::consumer_group_heartbeat_request& request,
                                 const consumer_group_settings& settings);

} // namespace chisme::groups
