// What one can ask the coordinator: Kafka's own requests that change the cluster's metadata.
#pragma once

#include "actors/partition/port.hpp"
#include "actors/reply.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/20_delete_topics.hpp"
#include "messages/kafka/22_init_producer_id.hpp"
#include "messages/kafka/33_alter_configs.hpp"
#include "messages/kafka/37_create_partitions.hpp"
#include "messages/kafka/44_incremental_alter_configs.hpp"

#include <variant>

namespace chisme::coordinator {

using change_request =
  std::variant<kafka::create_topics_request, kafka::delete_topics_request, kafka::create_partitions_request,
               kafka::alter_configs_request, kafka::incremental_alter_configs_request, kafka::init_producer_id_request>;

/// The alternative at the same place answers the request at that place.
using change_response = std::variant<kafka::create_topics_response, kafka::delete_topics_response,
                                     kafka::create_partitions_response, kafka::alter_configs_response,
                                     kafka::incremental_alter_configs_response, kafka::init_producer_id_response>;

struct change_result {
  /// Set where the change was lost because the node is stopping. Then `response` says nothing. A metadata log that
  /// could not be written is told in the response.
  error_code code = error_code::none;
  std::string message;
  change_response response;

  static change_result failed(error_code code, std::string message) { return {code, std::move(message), {}}; }
  static change_result lost() {
    return failed(error_code::not_controller, "the coordinator stopped before it answered");
  }
};

/// One change to the cluster. Answered when its records are committed and this node acts by them.
struct change {
  change_request request;
  reply<change_result> done;
};

/// What has become of the replica of `__cluster` on this node.
struct log_role {
  partition::port_ptr log; ///< to the local replica, whether it leads or not; null: there is none that serves
  bool leads = false;      ///< and everything of earlier epochs is committed
  leader_epoch_t epoch = -1;
  node_id leader = -1; ///< -1: nobody knows

  friend bool operator==(const log_role&, const log_role&) = default;
};

} // namespace chisme::coordinator
