// DescribeTopicPartitions (key 75), version 0.
//
// Pages through the partitions of topics; the cursor says where the next page starts.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

/// `cursor` null: from the start.
struct describe_topic_partitions_request {
  static constexpr std::string_view type_name = "describe_topic_partitions_request";
  static constexpr api_key api = api_key::describe_topic_partitions;
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  struct topic_request {
    std::string name;

    static void visit(auto& f, auto& x) { f("name", x.name); }
  };

  struct page_cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    static void visit(auto& f, auto& x) {
      f("topic_name", x.topic_name);
      f("partition_index", x.partition_index);
    }
  };

  std::vector<topic_request> topics;
  int32_t response_partition_limit = 2000;
  std::optional<page_cursor> cursor;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("response_partition_limit", x.response_partition_limit);
    f("cursor", x.cursor);
  }
};

/// `next_cursor` null: that was all.
struct describe_topic_partitions_response {
  static constexpr std::string_view type_name = "describe_topic_partitions_response";
  static constexpr api_key api = api_key::describe_topic_partitions;
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  struct partition {
    error_code error = error_code::none;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;
    std::vector<int32_t> offline_replicas;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("partition_index", x.partition_index);
      f("leader_id", x.leader_id);
      f("leader_epoch", x.leader_epoch);
      f("replica_nodes", x.replica_nodes);
      f("isr_nodes", x.isr_nodes);
      f("eligible_leader_replicas", x.eligible_leader_replicas);
      f("last_known_elr", x.last_known_elr);
      f("offline_replicas", x.offline_replicas);
    }
  };

  struct topic {
    error_code error = error_code::none;
    std::optional<std::string> name;
    uuid topic_id;
    bool is_internal = false;
    std::vector<partition> partitions;
    int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("name", x.name);
      f("topic_id", x.topic_id);
      f("is_internal", x.is_internal);
      f("partitions", x.partitions);
      f("topic_authorized_operations", x.topic_authorized_operations);
    }
  };

  struct page_cursor {
    std::string topic_name;
    int32_t partition_index = 0;

    static void visit(auto& f, auto& x) {
      f("topic_name", x.topic_name);
      f("partition_index", x.partition_index);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic> topics;
  std::optional<page_cursor> next_cursor;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("topics", x.topics);
    f("next_cursor", x.next_cursor);
  }
};

} // namespace chisme::kafka
