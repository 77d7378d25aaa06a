#include "tests/sim/consumer_client.hpp"

namespace chisme::test {

using namespace groups;

namespace {

constexpr timestamp_ms beat_interval_ms = 1500;

} // namespace

void consumer_client::start(timestamp_ms now) {
  on_ = true;
  waiting_ = false;
  id_ = profile_.name + "-p" + std::to_string(++processes_);
  join_again(now);
}

void consumer_client::join_again(timestamp_ms now) {
  has_joined_ = tell_all_ = false;
  epoch_ = joining_epoch;
  has_.clear();
  told_.clear();
  reported_.clear();
  names_.clear();
  at_ = now + pick(0, 500);
}

void consumer_client::connection_lost(timestamp_ms now) {
  waiting_ = false;
  tell_all_ = true;
  at_ = now + pick(0, 200);
}

consumer_client::outgoing consumer_client::act(timestamp_ms now, const topics_view& topics) {
  waiting_ = true;
  const bool has_more_than_told = !without(has_, told_).empty();
  if (!has_more_than_told || now >= revoked_at_)
    has_ = told_;
  name(topics);
  at_ = now + beat_interval_ms;
  return has_joined_ && pick(0, 4) == 0 ? a_commit() : a_heartbeat();
}

void consumer_client::name(const topics_view& topics) {
  names_.clear();
  for (const auto& p : has_)
    if (const auto* topic = topics.topics.find(p.topic))
      names_.emplace(topic->name, p.index);
}

consumer_client::outgoing consumer_client::a_heartbeat() {
  kafka::consumer_group_heartbeat_request r;
  r.group_id = profile_.group;
  r.member_id = id_;
  r.member_epoch = epoch_;
  if (!has_joined_ || tell_all_) {
    r.instance_id = profile_.instance;
    r.rebalance_timeout_ms = profile_.rebalance_ms;
    r.subscribed_topic_names = profile_.topics;
    r.subscribed_topic_regex = profile_.regex;
  }
  if (!has_joined_ || tell_all_ || has_ != reported_) {
    r.topic_partitions = by_topic<kafka::consumer_group_heartbeat_request::owned_topic>(has_);
    reported_ = has_;
  }
  return {r, 1};
}

consumer_client::outgoing consumer_client::a_commit() {
  return {commit_of({profile_.group, id_, profile_.instance, epoch_, profile_.name}, names_, position_), 9};
}

consumer_client::outgoing consumer_client::a_leave() {
  kafka::consumer_group_heartbeat_request r;
  r.group_id = profile_.group;
  r.member_id = id_;
  r.member_epoch = profile_.instance && pick(0, 1) == 0 ? away_epoch : leaving_epoch;
  r.instance_id = profile_.instance;
  return {r, 1};
}

void consumer_client::told(const group_response& response, timestamp_ms now) {
  waiting_ = false;
  if (!on_)
    return;
  const auto* beat = std::get_if<kafka::consumer_group_heartbeat_response>(&response);
  // What is wrong with a commit the next heartbeat is told, too.
  if (!beat)
    return;
  switch (beat->error) {
    case error_code::none:
      return take(*beat, now);
    case error_code::unreleased_instance_id:
      at_ = now + 1000;
      return;
    case error_code::group_max_size_reached:
    case error_code::fenced_instance_id:
    case error_code::group_id_not_found:
      on_ = false;
      return;
    default:
      join_again(now);
  }
}

void consumer_client::take(const kafka::consumer_group_heartbeat_response& r, timestamp_ms now) {
  has_joined_ = true;
  tell_all_ = false;
  epoch_ = r.member_epoch;
  if (!r.assignment)
    return;
  told_ = to_set(r.assignment->topic_partitions);
  revoked_at_ = now + pick(0, 8000);
}

} // namespace chisme::test
