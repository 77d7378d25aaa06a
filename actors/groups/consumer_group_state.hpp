// A consumer group as its records in `__consumer_offsets` make it. apply() is the only mutator, so that a
// restart is a replay; compaction may have taken any record that has a newer one.
#pragma once

#include "actors/groups/consumer_group_records.hpp"
#include "actors/groups/consumer_member.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace chisme::groups {

/// A regular expression that members subscribe to.
struct subscribed_regex {
  std::optional<regular_expression_value> resolved;
  size_t members = 0;
};

current_assignment_record current_record(const std::string& group, const std::string& member,
                                         const current_assignment& current);

class consumer_group_state {
public:
  using member_map = std::map<std::string, consumer_member, std::less<>>;
  using regex_map = std::map<std::string, subscribed_regex, std::less<>>;

  explicit consumer_group_state(std::string id) : id_(std::move(id)) {}
  consumer_group_state(const consumer_group_state&) = delete; // the holders point into the members
  consumer_group_state& operator=(const consumer_group_state&) = delete;

  void apply(const consumer_group_record& record);

  const std::string& id() const { return id_; }
  /// Whether there is a record of it.
  bool exists() const { return metadata_.has_value() || !members_.empty(); }
  /// Never behind the target's, also where the newest record of it was damaged: what comes next must be later than
  /// both.
  int32_t epoch() const { return std::max(metadata_ ? metadata_->epoch : 0, target_epoch_); }
  int64_t metadata_hash() const { return metadata_ ? metadata_->metadata_hash : 0; }
  int32_t target_epoch() const { return target_epoch_; }

  const member_map& members() const { return members_; }
  /// What the members say and are called, in records and as often as a group that changes its protocol writes it.
  size_t bytes() const { return bytes_; }
  static size_t bytes_of(const std::string& group, const std::string& member, const member_metadata_value& metadata);
  const consumer_member* find(std::string_view member) const;
  /// The id of the member that has the instance id; null if none has.
  const std::string* find_instance(std::string_view instance) const;
  /// Whether no member but this one has the partition, or had it and may still read from it.
  bool is_free_for(const assigned_partition& partition, const consumer_member& member) const;

  /// Names that members subscribe to, themselves or by a regular expression; whether there are such topics or
  /// not.
  const std::map<std::string, size_t, std::less<>>& topics() const { return topics_; }
  const regex_map& regexes() const { return regexes_; }
  /// Members that still speak the classic protocol.
  size_t classic_members() const { return classic_members_; }
  /// Whether all those members support one of the protocols; `but` itself is not asked.
  bool agree_with_any(const std::vector<classic_member_metadata::protocol>& protocols, std::string_view but) const;
  /// The assignor that most members ask for; empty if none does.
  std::string_view preferred_assignor() const;

  /// Records that make this state.
  std::vector<consumer_group_record> records() const;
  /// Records that remove it.
  std::vector<consumer_group_record> tombstones() const;

private:
  void put(const group_metadata_record& r) { metadata_ = r.value; }
  void put(const partition_metadata_record& r) { has_partition_metadata_ = r.value.has_value(); }
  void put(const member_metadata_record& r);
  void put(const target_epoch_record& r) { target_epoch_ = r.value ? r.value->assignment_epoch : 0; }
  void put(const target_assignment_record& r);
  void put(const current_assignment_record& r);
  void put(const regular_expression_record& r);

  void remove_member(const std::string& member);
  void hold(const consumer_member& member);
  void release(const consumer_member& member);
  /// Counts what a member subscribes to: +1 when it comes, -1 when it goes.
  void count(const std::string& id, const member_metadata_value& metadata, int by);
  void count_topics(const std::vector<std::string>& topics, int by);

  std::string id_;
  std::optional<group_metadata_value> metadata_;
  int32_t target_epoch_ = 0;
  bool has_partition_metadata_ = false; ///< written by an older Kafka
  member_map members_;
  std::map<std::string, std::string, std::less<>> instances_; ///< instance id -> member id
  std::unordered_map<assigned_partition, const consumer_member*> holders_;
  std::map<std::string, size_t, std::less<>> topics_;
  regex_map regexes_;
  std::map<std::string, size_t> assignors_;
  size_t bytes_ = 0;
  size_t classic_members_ = 0;
  std::map<std::string, size_t> classic_protocols_; ///< how many classic members support each
};

} // namespace chisme::groups
