#include "tests/sim/classic_client.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "actors/groups/versioned_bytes.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

/// By topic, as the embedded messages have them.
template <class Topic>
std::vector<Topic> by_topic_name(const owned_partitions& parts) {
  std::vector<Topic> out;
  for (const auto& [topic, index] : parts) {
    if (out.empty() || out.back().topic != topic)
      out.push_back({topic, {}});
    out.back().partitions.push_back(index);
  }
  return out;
}

template <class Topics>
owned_partitions from_topics(const Topics& topics) {
  owned_partitions parts;
  for (const auto& t : topics)
    for (auto index : t.partitions)
      parts.emplace(t.topic, index);
  return parts;
}

buffer to_bytes(const owned_partitions& parts) {
  kafka::consumer_protocol_assignment a;
  a.assigned_partitions = by_topic_name<kafka::consumer_protocol_assignment::topic_partition>(parts);
  return write_versioned(a, 1);
}

} // namespace

owned_partitions parts_from(const buffer& assignment) {
  if (assignment.empty())
    return {};
  return from_topics(
    chisme::decode<kafka::consumer_protocol_assignment>(assignment.slice(sizeof(int16_t)), 1)->assigned_partitions);
}

void classic_client::start(timestamp_ms now) {
  on_ = true;
  ended_as_it_synced_ = false;
  waiting_ = false;
  id_.clear();
  generation_ = -1;
  owned_.clear();
  phase_ = phase::joining;
  at_ = now;
}

void classic_client::rejoin(timestamp_ms now, bool with_id) {
  if (!with_id) {
    id_.clear();
    generation_ = -1;
  }
  if (!with_id || !profile_.is_cooperative)
    owned_.clear();
  phase_ = phase::joining;
  at_ = now + pick(0, 500);
}

void classic_client::connection_lost(timestamp_ms now) {
  waiting_ = false;
  if (phase_ == phase::stable)
    at_ = now + pick(0, 200);
  else
    rejoin(now, true);
}

classic_client::outgoing classic_client::act(timestamp_ms now, const topics_view& topics) {
  if (phase_ == phase::stable && leads_ && shared_out_version_ != topics.version)
    rejoin(now, true);
  waiting_ = true;
  if (phase_ == phase::joining)
    return a_join();
  if (phase_ == phase::syncing)
    return a_sync(topics);
  at_ = now + profile_.session_ms / 3;
  if (pick(0, 3) == 0)
    return a_commit();
  return {kafka::heartbeat_request{profile_.group, generation_, id_, profile_.instance}, 4};
}

classic_client::outgoing classic_client::a_join() {
  kafka::join_group_request r;
  r.group_id = profile_.group;
  r.session_timeout_ms = profile_.session_ms;
  r.rebalance_timeout_ms = profile_.join_version == 0 ? -1 : profile_.rebalance_ms;
  r.member_id = id_;
  r.group_instance_id = profile_.instance;
  r.protocol_type = "consumer";
  for (const auto& p : profile_.protocols)
    r.protocols.push_back({p, a_subscription()});
  return {r, profile_.join_version};
}

buffer classic_client::a_subscription() const {
  using message = kafka::consumer_protocol_subscription;
  message s;
  s.topics = profile_.topics;
  s.owned_partitions = by_topic_name<message::topic_partition>(owned_);
  s.generation_id = generation_;
  return write_versioned(s, 3);
}

std::map<std::string, owned_partitions> classic_client::share_out(const made_up_topics& topics) const {
  std::map<std::string, owned_partitions> parts;
  // Who goes on with a partition gives it up first. What somebody had in an older generation is over (KIP-792). Where
  // two say the same (their topic was another one of its name) both do.
  struct holding {
    int32_t generation = -1;
    std::set<std::string> members;
  };
  std::map<std::pair<std::string, int32_t>, holding> holders;
  for (const auto& m : members_) {
    const auto subscription = read_subscription(m.metadata);
    for (const auto& part : from_topics(subscription->owned_partitions)) {
      auto& holder = holders[part];
      if (holder.generation < subscription->generation_id)
        holder = {subscription->generation_id, {}};
      if (holder.generation == subscription->generation_id)
        holder.members.insert(m.member_id);
    }
  }
  for (const auto& [name, topic] : topics.all()) {
    std::vector<std::string> readers;
    for (const auto& m : members_)
      if (auto wanted = subscribed_topics(m.metadata); wanted && std::ranges::count(*wanted, name))
        readers.push_back(m.member_id);
    for (int32_t i = 0; i < topic.partitions && !readers.empty(); ++i) {
      const auto& reader = readers[static_cast<size_t>(i) % readers.size()];
      const auto holder = holders.find({name, i});
      if (holder == holders.end() || holder->second.members == std::set{reader})
        parts[reader].emplace(name, i);
    }
  }
  return parts;
}

classic_client::outgoing classic_client::a_sync(const topics_view& topics) {
  kafka::sync_group_request r;
  r.group_id = profile_.group;
  r.generation_id = generation_;
  r.member_id = id_;
  r.group_instance_id = profile_.instance;
  r.protocol_type = "consumer";
  r.protocol_name = protocol_;
  if (assigns_) {
    shared_out_version_ = topics.version;
    for (const auto& [id, parts] : share_out(topics.topics))
      r.assignments.push_back({id, to_bytes(parts)});
  }
  return {r, 5};
}

kafka::offset_commit_request commit_of(const commit_words& who, const owned_partitions& parts, int64_t& position) {
  kafka::offset_commit_request r;
  r.group_id = who.group;
  r.generation_id_or_member_epoch = who.epoch;
  r.member_id = who.member;
  r.group_instance_id = who.instance;
  for (const auto& [topic, index] : parts) {
    if (r.topics.empty() || r.topics.back().name != topic)
      r.topics.push_back({topic, {}, {}});
    r.topics.back().partitions.push_back({index, ++position, -1, who.note});
  }
  return r;
}

classic_client::outgoing classic_client::a_commit() {
  return {commit_of({profile_.group, id_, profile_.instance, generation_, profile_.name}, owned_, position_), 9};
}

classic_client::outgoing classic_client::a_leave() const {
  kafka::leave_group_request r;
  r.group_id = profile_.group;
  r.member_id = id_;
  r.members.push_back({id_, profile_.instance, std::nullopt});
  return {r, 5};
}

classic_client::outgoing classic_client::a_removal() const {
  kafka::leave_group_request r;
  r.group_id = profile_.group;
  r.members.push_back({"", profile_.instance, std::nullopt});
  return {r, 5};
}

void classic_client::joined(const kafka::join_group_response& r, timestamp_ms now) {
  id_ = r.member_id;
  generation_ = r.generation_id;
  protocol_ = r.protocol_name;
  leads_ = r.leader == r.member_id;
  assigns_ = leads_ && !r.skip_assignment;
  // It cannot know whether what goes on was shared out for the topics of today.
  if (leads_ && r.skip_assignment)
    shared_out_version_ = -1;
  members_ = r.members;
  phase_ = phase::syncing;
  at_ = now + pick(0, 200);
}

void classic_client::synced(const owned_partitions& given, timestamp_ms now) {
  const bool gives_up = profile_.is_cooperative && !std::ranges::includes(given, owned_);
  owned_ = given;
  phase_ = phase::stable;
  at_ = now + profile_.session_ms / 3;
  if (gives_up)
    rejoin(now, true);
}

void classic_client::failed(error_code code, timestamp_ms now) {
  switch (code) {
    case error_code::fenced_instance_id:
    case error_code::group_max_size_reached:
    case error_code::inconsistent_group_protocol:
      on_ = false;
      ended_as_it_synced_ = phase_ == phase::syncing && code == error_code::inconsistent_group_protocol;
      break;
    case error_code::unknown_member_id:
    case error_code::group_id_not_found:
      rejoin(now, false);
      break;
    case error_code::illegal_generation:
      owned_.clear();
      generation_ = -1;
      rejoin(now, true);
      break;
    default:
      rejoin(now, true);
  }
}

void classic_client::told(const group_response& response, timestamp_ms now) {
  waiting_ = false;
  if (!on_)
    return;
  auto code = error_code::none;
  if (const auto* join = std::get_if<kafka::join_group_response>(&response)) {
    code = join->error;
    if (code == error_code::member_id_required) {
      id_ = join->member_id;
      at_ = now + pick(0, 200);
      return;
    }
    if (code == error_code::none)
      return joined(*join, now);
  } else if (const auto* sync = std::get_if<kafka::sync_group_response>(&response)) {
    code = sync->error;
    if (code == error_code::none) {
      return synced(parts_from(sync->assignment), now);
    }
  } else if (const auto* beat = std::get_if<kafka::heartbeat_response>(&response)) {
    code = beat->error;
  } else if (const auto* commit = std::get_if<kafka::offset_commit_response>(&response)) {
    for (const auto& t : commit->topics)
      for (const auto& p : t.partitions)
        if (p.error != error_code::unknown_topic_or_partition && p.error != error_code::none)
          code = p.error;
  }
  if (code != error_code::none)
    failed(code, now);
}

} // namespace chisme::test
