#include "nodes/cli/topic_details.hpp"

#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"

#include <algorithm>
#include <set>

namespace chisme::cli {

namespace {

constexpr int64_t latest_timestamp = -1;
constexpr int64_t earliest_timestamp = -2;
constexpr int8_t topic_resource = 2;
constexpr int8_t topic_config_source = 1;

/// Partitions by name and number, to put answers where they belong.
using index = std::map<topic_partition, partition_details*>;

index partitions_led_by(int32_t leader, std::vector<topic_details>& topics) {
  index led;
  for (auto& t : topics)
    for (auto& p : t.partitions)
      if (p.state.leader_id == leader)
        led[{t.name, p.state.partition_index}] = &p;
  return led;
}

kafka::list_offsets_request offsets_request(const index& led, int64_t timestamp) {
  kafka::list_offsets_request request;
  request.replica_id = -1;
  for (auto& [tp, details] : led) {
    if (request.topics.empty() || request.topics.back().name != tp.topic)
      request.topics.emplace_back().name = tp.topic;
    request.topics.back().partitions.push_back({tp.partition, details->state.leader_epoch, timestamp});
  }
  return request;
}

result<void> add_offsets(kafka_client& leader, const index& led, int64_t timestamp,
                         std::optional<int64_t> partition_details::*field) {
  auto answer = leader.call<kafka::list_offsets_response>(offsets_request(led, timestamp));
  if (!answer)
    return tl::make_unexpected(answer.error());
  for (auto& t : answer->topics)
    for (auto& p : t.partitions)
      if (auto found = led.find({t.name, p.partition_index}); found != led.end()) {
        if (p.error == error_code::none)
          found->second->*field = p.offset;
        else
          found->second->problem = to_string(p.error);
      }
  return {};
}

result<void> add_sizes(kafka_client& leader, const index& led) {
  kafka::describe_log_dirs_request request;
  request.topics.emplace();
  for (auto& [tp, details] : led) {
    if (request.topics->empty() || request.topics->back().topic != tp.topic)
      request.topics->emplace_back().topic = tp.topic;
    request.topics->back().partitions.push_back(tp.partition);
  }
  auto answer = leader.call<kafka::describe_log_dirs_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  for (auto& folder : answer->results)
    for (auto& t : folder.topics)
      for (auto& p : t.partitions)
        if (auto found = led.find({t.name, p.partition_index}); found != led.end() && !p.is_future_key)
          found->second->bytes = p.partition_size;
  return {};
}

result<void> ask_leader(cluster& nodes, int32_t id, const index& led) {
  auto leader = nodes.node(id);
  if (!leader)
    return tl::make_unexpected(leader.error());
  auto asked = add_offsets(**leader, led, earliest_timestamp, &partition_details::earliest);
  if (asked)
    asked = add_offsets(**leader, led, latest_timestamp, &partition_details::latest);
  return asked ? add_sizes(**leader, led) : asked;
}

void ask_leaders(cluster& nodes, std::vector<topic_details>& topics) {
  std::set<int32_t> leaders;
  for (auto& t : topics)
    for (auto& p : t.partitions)
      leaders.insert(p.state.leader_id);
  for (auto id : leaders) {
    auto led = partitions_led_by(id, topics);
    auto asked = id < 0 ? fail(error_code::leader_not_available, "has no leader") : ask_leader(nodes, id, led);
    if (!asked)
      for (auto& [tp, details] : led)
        details->problem = asked.error().message;
  }
}

result<void> add_configs(cluster& nodes, std::vector<topic_details>& topics) {
  kafka::describe_configs_request request;
  for (auto& t : topics)
    if (t.error == error_code::none)
      request.resources.push_back({topic_resource, t.name, std::nullopt});
  auto answer = nodes.any().call<kafka::describe_configs_response>(request);
  if (!answer)
    return tl::make_unexpected(answer.error());
  for (auto& r : answer->results) {
    auto topic = std::ranges::find(topics, r.resource_name, &topic_details::name);
    for (auto& config : r.configs)
      if (topic != topics.end() && config.config_source == topic_config_source)
        topic->configs.push_back(std::move(config));
  }
  return {};
}

topic_details details_of(kafka::metadata_response::topic& told) {
  topic_details t;
  t.name = told.name.value_or("");
  t.id = told.topic_id;
  t.internal = told.is_internal;
  t.error = told.error;
  std::ranges::sort(told.partitions, {}, &kafka::metadata_response::partition::partition_index);
  for (auto& p : told.partitions)
    t.partitions.push_back({std::move(p), {}, {}, {}, {}});
  return t;
}

} // namespace

result<std::map<topic_partition, int64_t>> offsets_at(cluster& nodes, std::vector<topic_details> topics,
                                                      int64_t timestamp) {
  std::map<topic_partition, int64_t> offsets;
  std::set<int32_t> leaders;
  for (auto& t : topics)
    for (auto& p : t.partitions)
      leaders.insert(p.state.leader_id);
  for (auto id : leaders) {
    auto led = partitions_led_by(id, topics);
    for (auto& [tp, details] : led)
      details->latest.reset();
    auto leader = nodes.node(id);
    if (!leader)
      return tl::make_unexpected(leader.error());
    if (auto asked = add_offsets(**leader, led, timestamp, &partition_details::latest); !asked)
      return tl::make_unexpected(asked.error());
    for (auto& [tp, details] : led)
      if (details->latest && *details->latest >= 0)
        offsets[tp] = *details->latest;
  }
  return offsets;
}

result<std::vector<topic_details>> topic_details_of(cluster& nodes, const std::vector<std::string>& names) {
  auto told = nodes.metadata(names.empty() ? std::nullopt : std::optional{names});
  if (!told)
    return tl::make_unexpected(told.error());
  std::vector<topic_details> topics;
  for (auto& t : told->topics)
    if (!names.empty() || !t.is_internal)
      topics.push_back(details_of(t));
  std::ranges::sort(topics, {}, &topic_details::name);
  ask_leaders(nodes, topics);
  if (auto added = add_configs(nodes, topics); !added)
    return tl::make_unexpected(added.error());
  return topics;
}

} // namespace chisme::cli
