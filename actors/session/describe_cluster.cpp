// DescribeCluster: brokers, cluster id, controller.

#include "actors/session/handlers.hpp"
#include "actors/session/topic_metadata.hpp"
#include "messages/kafka/60_describe_cluster.hpp"

namespace chisme::session {

namespace {

constexpr int8_t broker_endpoints = 1;
constexpr int8_t controller_endpoints = 2;

} // namespace

void handle_describe_cluster(request r) {
  auto body = r.decode_or_close<kafka::describe_cluster_request>();
  if (!body)
    return;
  const auto image = r.image();
  kafka::describe_cluster_response response;
  response.endpoint_type = body->endpoint_type;
  response.cluster_id = image->cluster_id;
  response.controller_id = told_controller(*image);
  if (body->endpoint_type == controller_endpoints) {
    response.error = error_code::mismatched_endpoint_type;
    response.error_message = "this is a broker's endpoint";
  } else if (body->endpoint_type != broker_endpoints) {
    response.error = error_code::unsupported_endpoint_type;
    response.error_message = "unknown endpoint type " + std::to_string(body->endpoint_type);
  } else {
    for (const auto& b : image->brokers)
      response.brokers.push_back({b.id, b.host, b.port, b.rack, false});
  }
  if (body->include_cluster_authorized_operations)
    response.cluster_authorized_operations = all_cluster_operations;
  r.answer(std::move(response));
}

} // namespace chisme::session
