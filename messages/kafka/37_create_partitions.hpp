// CreatePartitions (key 37), versions 0 to 3.
//
// 2        flexible
// 3        may say THROTTLING_QUOTA_EXCEEDED
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

/// `count`: partitions that there shall be, old ones included. `assignments` null: the broker chooses.
struct create_partitions_request {
  static constexpr std::string_view type_name = "create_partitions_request";
  static constexpr api_key api = api_key::create_partitions;
  static constexpr int16_t min_version = 0, max_version = 3, flexible_since = 2;

  struct assignment {
    std::vector<int32_t> broker_ids;

    static void visit(auto& f, auto& x) { f("broker_ids", x.broker_ids); }
  };

  struct topic {
    std::string name;
    int32_t count = 0;
    std::optional<std::vector<assignment>> assignments;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("count", x.count);
      f("assignments", x.assignments);
    }
  };

  std::vector<topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("timeout_ms", x.timeout_ms);
    f("validate_only", x.validate_only);
  }
};

struct create_partitions_response {
  static constexpr std::string_view type_name = "create_partitions_response";
  static constexpr api_key api = api_key::create_partitions;
  static constexpr int16_t min_version = 0, max_version = 3, flexible_since = 2;

  struct topic_result {
    std::string name;
    error_code error = error_code::none;
    std::optional<std::string> error_message;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("error_code", x.error);
      f("error_message", x.error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic_result> results;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("results", x.results);
  }
};

} // namespace chisme::kafka
