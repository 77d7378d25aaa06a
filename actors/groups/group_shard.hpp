// The coordinator of all groups of one partition of `__consumer_offsets`.
//
// It decides at once and knows no I/O: what is to be appended and answered goes to `effects`. Reading its partition
// back is: apply() for every record, then loaded() once. See machine.hpp for what it promises to whom.
//
// Invariants: a group that has a record or an offset is in groups_; one that has neither stays only while it is in use;
// timers_ has the next deadline of each group that has one.
#pragma once

#include "actors/groups/classic_group.hpp"
#include "actors/groups/committed_offsets.hpp"
#include "actors/groups/group_request.hpp"
#include "actors/groups/group_timings.hpp"
#include "actors/groups/hosted_consumer_group.hpp"

namespace chisme::groups {

class group_shard {
public:
  /// `new_id` makes what is unique in the ids of classic members, `new_member` the ids of members that the consumer
  /// protocol lets come without one; neither gives the same twice.
  group_shard(
    const group_settings& settings, std::function<std::string()> new_id,
    std::function<uuid()> new_member = [] { return uuid{}; });

  /// Groups that are there go by them from their members' next heartbeats on, others from their beginning.
  void configure(std::shared_ptr<const group_timings> timings);

  /// A record from the log or one just decided on: the only way that what outlives a restart changes.
  void apply(const group_record& record);
  /// The same from bytes. Kinds of records that this version does not know are passed over.
  result<void> load(const journal::entry& entry);
  /// All records have been applied; members have the length of a session from now to show up.
  void loaded(timestamp_ms now, effects& out);

  /// Each ticket is answered once: here, or by a later handle() or tick().
  void handle(const asker& who, const group_request& request, const topic_catalog& topics, timestamp_ms now,
              effects& out);
  /// What was committed for topics that were deleted goes, too, or it would be taken for that of new topics of their
  /// names: to be called when topics changed, and after loaded(), when they are known.
  void forget_missing_topics(const topic_catalog& topics, timestamp_ms now, effects& out);

  std::optional<timestamp_ms> next_deadline() const;
  /// Does one of the things that are due; false where nothing is. Each is a decision of its own: together they may be
  /// more than fits into one batch.
  bool tick(timestamp_ms now, const topic_catalog& topics, effects& out);

  /// The records that a shard with the same memory would be made of, in order of their keys.
  std::vector<group_record> snapshot() const;
  size_t group_count() const { return groups_.size(); }

private:
  /// The kinds of groups. What is asked of all kinds: loaded, check_delete, check_offset_delete, is_subscribed,
  /// offsets_expire, list, is_empty, is_unused, has_record, next_deadline, tick.
  using any_group = std::variant<classic_group, hosted_consumer_group>;

  struct context {
    const asker& who;
    const topic_catalog& topics;
    timestamp_ms now;
    effects& out;

    template <class Response>
    void answer(Response r) {
      out.answers.push_back({who.to, std::move(r)});
    }
  };

  void on(context& c, const kafka::join_group_request& r);
  void on(context& c, const kafka::sync_group_request& r);
  void on(context& c, const kafka::heartbeat_request& r);
  void on(context& c, const kafka::leave_group_request& r);
  void on(context& c, const kafka::offset_commit_request& r);
  void on(context& c, const kafka::offset_fetch_request::group& r);
  void on(context& c, const kafka::offset_delete_request& r);
  void on(context& c, const describe_group_request& r);
  void on(context& c, const delete_group_request& r);
  void on(context& c, const kafka::list_groups_request& r);
  void on(context& c, const kafka::consumer_group_heartbeat_request& r);
  void on(context& c, const describe_consumer_group_request& r);

  /// False where the group is no consumer group, or nobody is in it.
  template <class Request>
  bool ask_host(context& c, const Request& r);

  void apply_one(const offset_record& r);
  void apply_one(const classic_group_record& r);
  void apply_one(const consumer_group_record& r);

  any_group* find(const std::string& group);
  /// Null where there is no such group, or it is of another kind.
  classic_group* find_classic(const std::string& group);
  classic_group& find_or_make_classic(const std::string& group);
  error_code check_commit(const kafka::offset_commit_request& r, int16_t version, timestamp_ms now);
  consumer_group_settings settings_of(const std::string& group) const;
  bool has_room_for(const kafka::consumer_group_heartbeat_request& r, const classic_group& group) const;
  consumer_group* find_consumer(const std::string& group);
  consumer_group& find_or_make_consumer(const std::string& group);
  /// An empty group makes room for one of the other kind; its offsets stay. False where the group has members.
  bool make_room(const std::string& group, effects& out);
  /// A classic group of consumers becomes a consumer group. False where it is none, or is to stay one.
  bool upgrade(const std::string& group, const context& c);
  /// A group is one of the classic protocol when all its members are: the last of the others went.
  void downgrade_if_all_classic(const std::string& group, const topic_catalog& topics, timestamp_ms now, effects& out);
  std::optional<timestamp_ms> deadline_of(const std::string& group) const;
  /// After anything that concerned the group: its timer is set, and it is dropped where nothing is left of it.
  void reschedule_or_drop(const std::string& group, timestamp_ms now);
  void tick_group(const std::string& id, const topic_catalog& topics, timestamp_ms now, effects& out);
  void write(group_record record, effects& out);
  void expire_offsets(timestamp_ms now, effects& out);
  void delete_group(const std::string& group, effects& out);
  static std::vector<group_record> tombstones(const std::string& id, const any_group& group);

  std::function<uuid()> new_member_;
  std::shared_ptr<const group_context> around_;
  std::shared_ptr<const group_timings> timings_ = std::make_shared<const group_timings>();
  std::map<std::string, any_group, std::less<>> groups_;
  committed_offsets offsets_;
  deadlines<std::string> timers_;
  std::optional<timestamp_ms> next_expiry_check_;
};

} // namespace chisme::groups
