// The offsets that groups have committed in one partition of `__consumer_offsets`.
//
// apply() is the only mutator; what a request or the time changes is written as a record and applied at once.
// Invariant: no group and no topic is kept without an offset.
#pragma once

#include "actors/groups/effects.hpp"
#include "actors/groups/expiry_rule.hpp"
#include "actors/groups/group_settings.hpp"
#include "actors/groups/topic_catalog.hpp"

#include <functional>
#include <map>

namespace chisme::groups {

class committed_offsets {
public:
  using of_topic = std::map<partition_index, committed_offset>;
  using of_group = std::map<std::string, of_topic, std::less<>>;

  explicit committed_offsets(std::shared_ptr<const group_context> around) : around_(std::move(around)) {}

  void apply(const offset_record& record);

  const std::map<std::string, of_group, std::less<>>& groups() const { return groups_; }
  bool has(std::string_view group) const { return groups_.contains(group); }
  /// Null where the group has committed nothing for the partition.
  const committed_offset* find(std::string_view group, std::string_view topic, partition_index partition) const;

  /// The group has agreed to the commit; what is checked here are the partitions.
  kafka::offset_commit_response commit(const kafka::offset_commit_request& r, int16_t version,
                                       const topic_catalog& topics, timestamp_ms now, effects& out);
  kafka::offset_fetch_response::group fetch(const kafka::offset_fetch_request::group& r, int16_t version,
                                            const topic_catalog& topics) const;
  /// Writes nothing where there is no such offset.
  void remove(const std::string& group, const std::string& topic, partition_index partition, effects& out);
  void remove_group(const std::string& group, effects& out);
  /// Those of topics that are not there any more, also where another one has got the name since.
  void forget_missing_topics(const topic_catalog& topics, effects& out);
  /// Drops what the rule says is too old, and that in no topic which the group reads.
  void expire(const std::string& group, const expiry_rule& rule,
              const std::function<bool(const std::string& topic)>& is_subscribed, timestamp_ms now, effects& out);

private:
  void write(offset_record record, effects& out);
  error_code commit_one(const std::string& group, const topic_info& topic,
                        const kafka::offset_commit_request::partition& p, int64_t retention_ms, timestamp_ms now,
                        effects& out);
  bool is_expired(const committed_offset& o, const expiry_rule& rule, timestamp_ms now) const;

  std::shared_ptr<const group_context> around_;
  std::map<std::string, of_group, std::less<>> groups_;
};

/// Every partition of the request refused with one error.
kafka::offset_commit_response commit_refused(const kafka::offset_commit_request& r, error_code code);

} // namespace chisme::groups
