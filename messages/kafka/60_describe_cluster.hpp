// DescribeCluster (key 60), versions 0 to 2.
//
// 1        asks brokers or controllers
// 2        fenced brokers too
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

/// `endpoint_type`: 1 brokers, 2 controllers.
struct describe_cluster_request {
  static constexpr std::string_view type_name = "describe_cluster_request";
  static constexpr api_key api = api_key::describe_cluster;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 0;

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  static void visit(auto& f, auto& x) {
    f("include_cluster_authorized_operations", x.include_cluster_authorized_operations);
    f("endpoint_type", x.endpoint_type, since(1));
    f("include_fenced_brokers", x.include_fenced_brokers, since(2));
  }
};

struct describe_cluster_response {
  static constexpr std::string_view type_name = "describe_cluster_response";
  static constexpr api_key api = api_key::describe_cluster;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 0;

  struct broker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;

    static void visit(auto& f, auto& x) {
      f("broker_id", x.broker_id);
      f("host", x.host);
      f("port", x.port);
      f("rack", x.rack);
      f("is_fenced", x.is_fenced, since(2));
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<broker> brokers;
  int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("error_code", x.error);
    f("error_message", x.error_message);
    f("endpoint_type", x.endpoint_type, since(1));
    f("cluster_id", x.cluster_id);
    f("controller_id", x.controller_id);
    f("brokers", x.brokers);
    f("cluster_authorized_operations", x.cluster_authorized_operations);
  }
};

} // namespace chisme::kafka
