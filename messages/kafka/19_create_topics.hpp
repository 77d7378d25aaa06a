// CreateTopics (key 19), versions 2 to 7.
//
// 4        -1 for the number of partitions or the replication factor: the broker's default
// 5        flexible; the answer tells partitions, replicas and configs
// 6        may say THROTTLING_QUOTA_EXCEEDED
// 7        topic id in the answer
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

/// With `assignments` given, the numbers of partitions and replicas are -1.
struct create_topics_request {
  static constexpr std::string_view type_name = "create_topics_request";
  static constexpr api_key api = api_key::create_topics;
  static constexpr int16_t min_version = 2, max_version = 7, flexible_since = 5;

  struct creatable_replica_assignment {
    int32_t partition_index = 0;
    std::vector<int32_t> broker_ids;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("broker_ids", x.broker_ids);
    }
  };

  struct creatable_topic_config {
    std::string name;
    std::optional<std::string> value;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("value", x.value);
    }
  };

  struct creatable_topic {
    std::string name;
    int32_t num_partitions = 0;
    int16_t replication_factor = 0;
    std::vector<creatable_replica_assignment> assignments;
    std::vector<creatable_topic_config> configs;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("num_partitions", x.num_partitions);
      f("replication_factor", x.replication_factor);
      f("assignments", x.assignments);
      f("configs", x.configs);
    }
  };

  std::vector<creatable_topic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("timeout_ms", x.timeout_ms);
    f("validate_only", x.validate_only);
  }
};

/// `topic_config_error` is set where the client may not read the configs.
struct create_topics_response {
  static constexpr std::string_view type_name = "create_topics_response";
  static constexpr api_key api = api_key::create_topics;
  static constexpr int16_t min_version = 2, max_version = 7, flexible_since = 5;

  struct creatable_topic_configs {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("value", x.value);
      f("read_only", x.read_only);
      f("config_source", x.config_source);
      f("is_sensitive", x.is_sensitive);
    }
  };

  struct creatable_topic_result {
    std::string name;
    uuid topic_id;
    error_code error = error_code::none;
    std::optional<std::string> error_message;
    error_code topic_config_error = error_code::none;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<creatable_topic_configs>> configs;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("topic_id", x.topic_id, since(7));
      f("error_code", x.error);
      f("error_message", x.error_message);
      f.tag(0, "topic_config_error_code", x.topic_config_error, since(5));
      f("num_partitions", x.num_partitions, since(5));
      f("replication_factor", x.replication_factor, since(5));
      f("configs", x.configs, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<creatable_topic_result> topics;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
