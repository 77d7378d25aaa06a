// A consumer group of KIP-848 as the shard has it: what is asked of groups of every kind.
#pragma once

#include "actors/groups/consumer_group.hpp"
#include "actors/groups/effects.hpp"
#include "actors/groups/expiry_rule.hpp"

#include <memory>

namespace chisme::groups {

class hosted_consumer_group {
public:
  hosted_consumer_group(std::string id, const consumer_group_settings& settings, std::function<uuid()> new_id)
    : id_(id), machine_(std::make_unique<consumer_group>(std::move(id), settings, std::move(new_id))) {}

  consumer_group& machine() { return *machine_; }
  const consumer_group& machine() const { return *machine_; }

  void loaded(timestamp_ms now, effects&) { machine_->loaded(now); }
  std::optional<timestamp_ms> next_deadline() const { return machine_->next_deadline(); }
  void tick(timestamp_ms now, const topic_catalog& topics, effects& out) {
    consumer_group_effects own;
    machine_->tick(now, topics, own);
    take(std::move(own), out);
  }
  void heartbeat(const asker& who, const kafka::consumer_group_heartbeat_request& r, timestamp_ms now,
                 const topic_catalog& topics, effects& out) {
    consumer_group_effects own;
    machine_->heartbeat(who, r, now, topics, own);
    take(std::move(own), out);
  }
  /// A request of the classic protocol.
  template <class Request>
  void handle(const asker& who, const Request& r, timestamp_ms now, const topic_catalog& topics, effects& out) {
    consumer_group_effects own;
    machine_->handle(who, r, now, topics, own);
    take(std::move(own), out);
  }

  bool has_record() const { return machine_->exists(); }
  bool is_empty() const { return machine_->empty(); }
  bool is_unused() const { return is_empty(); }
  error_code check_delete() const { return machine_->empty() ? error_code::none : error_code::non_empty_group; }
  error_code check_offset_delete() const { return error_code::none; }
  bool is_subscribed(const std::string& topic) const { return machine_->is_subscribed(topic); }
  expiry_rule offsets_expire() const { return {expiry_since::commit, -1}; }

  kafka::list_groups_response::listed_group list() const {
    return {id_, "consumer", std::string{to_string(machine_->status())}, "consumer"};
  }
  std::vector<group_record> records() const { return as_group_records(machine_->persisted().records()); }
  std::vector<group_record> tombstones() const { return as_group_records(machine_->persisted().tombstones()); }

private:
  static std::vector<group_record> as_group_records(std::vector<consumer_group_record> records) {
    return {std::make_move_iterator(records.begin()), std::make_move_iterator(records.end())};
  }
  static void take(consumer_group_effects&& own, effects& out) {
    for (auto& r : own.records)
      out.records.emplace_back(std::move(r));
    for (auto& a : own.answers)
      out.answers.push_back(std::move(a));
  }

  std::string id_;
  std::unique_ptr<consumer_group> machine_;
};

} // namespace chisme::groups
