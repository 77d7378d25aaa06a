// FindCoordinator: who coordinates these groups: whoever leads their partitions of `__consumer_offsets`, which is made
// when it is asked for the first time.
//
// There is no transaction coordinator yet: who asks for one is refused for good.

#include "actors/session/group_gate.hpp"
#include "actors/session/handlers.hpp"
#include "actors/session/offsets_topic.hpp"

#include "actors/groups/coordinator_partition.hpp"
#include "messages/kafka/10_find_coordinator.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace chisme::session {

namespace {

using kafka::find_coordinator_request;
using kafka::find_coordinator_response;
using coordinator_place = find_coordinator_response::coordinator;

constexpr int8_t for_groups = 0, for_transactions = 1;

/// The one code that ends every client's attempt at once and tells its user why. librdkafka asks again for ever unless
/// it is this one or TRANSACTIONAL_ID_AUTHORIZATION_FAILED; for that one Java's producer shows a text of its own
/// instead of the answer's message.
constexpr auto no_transactions = error_code::cluster_authorization_failed;

coordinator_place none_for(const std::string& key, error_code code, std::string why) {
  return {key, -1, "", -1, code, std::move(why)};
}

coordinator_place coordinator_of(const broker_image& image, const std::string& group, const std::string& why_not) {
  const auto* topic = image.find(groups::offsets_topic);
  if (!topic || topic->partitions.empty())
    return none_for(group, error_code::coordinator_not_available, "the topic of the groups is not there" + why_not);
  const auto count = static_cast<int32_t>(topic->partitions.size());
  const auto leader = topic->partitions[static_cast<size_t>(groups::partition_for(group, count))].leader;
  const auto node = std::ranges::find(image.brokers, leader, &broker_endpoint::id);
  if (node == image.brokers.end())
    return none_for(group, error_code::coordinator_not_available, "the group's coordinator is starting");
  return {group, node->id, node->host, node->port, error_code::none, std::nullopt};
}

/// `why_not`: the topic of the groups could not be made.
void answer(const request& r, const find_coordinator_request& asked, const std::string& why_not = "") {
  const auto image = r.image();
  const auto keys = r.version() < 4 ? std::vector{asked.key} : asked.coordinator_keys;
  find_coordinator_response response;
  for (const auto& key : keys) {
    if (asked.key_type == for_groups)
      response.coordinators.push_back(coordinator_of(*image, key, why_not));
    else if (asked.key_type == for_transactions)
      response.coordinators.push_back(
        none_for(key, no_transactions, "this cluster has no transactions: it coordinates groups only"));
    else
      response.coordinators.push_back(none_for(key, error_code::invalid_request, "there is no such coordinator"));
  }
  if (r.version() < 4) {
    auto& only = response.coordinators.front();
    response.error = only.error;
    response.error_message = only.error_message;
    response.node_id = only.node_id;
    response.host = only.host;
    response.port = only.port;
  }
  r.answer(std::move(response));
}

/// Nothing where the topic is there now.
std::string why_not(const coordinator::change_result& result) {
  if (result.code != error_code::none)
    return ": " + result.message;
  const auto& topics = std::get<kafka::create_topics_response>(result.response).topics;
  if (topics.empty() || topics.front().error == error_code::none ||
      topics.front().error == error_code::topic_already_exists)
    return "";
  return ": " + topics.front().error_message.value_or(std::string{to_string(topics.front().error)});
}

/// Once: clients ask again all the time.
void complain(broker& shared, const std::string& why) {
  if (!why.empty() && !shared.complained_of_groups_topic.exchange(true))
    spdlog::error("no consumer group can work: {} cannot be made{}", groups::offsets_topic, why);
}

} // namespace

void handle_find_coordinator(request r) {
  auto body = r.decode_or_close<find_coordinator_request>();
  if (!body)
    return;
  const auto image = r.image();
  if (body->key_type != for_groups || image->find(groups::offsets_topic))
    return answer(r, *body);
  auto to = r.shared().coordinator;
  kafka::create_topics_request create;
  create.topics.push_back(offsets_topic(*image));
  to->send({std::move(create), reply_with<coordinator::change_result>(
                                 [r = std::move(r), body = std::move(*body)](const coordinator::change_result& result) {
                                   const auto why = why_not(result);
                                   complain(r.shared(), why);
                                   answer(r, body, why);
                                 })});
}

} // namespace chisme::session
