// ConsumerGroupHeartbeat (key 68), versions 0 to 1.
//
// KIP-848: join, keep alive, hand over partitions and leave, in one message.
// 1        the member makes its own id; subscription by regular expression
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

/// Null fields: nothing changed since the last heartbeat. `member_epoch`: 0 joins, -1 leaves, -2 leaves for a
/// while.
struct consumer_group_heartbeat_request {
  static constexpr std::string_view type_name = "consumer_group_heartbeat_request";
  static constexpr api_key api = api_key::consumer_group_heartbeat;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 0;

  struct owned_topic {
    uuid topic_id;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic_id", x.topic_id);
      f("partitions", x.partitions);
    }
  };

  std::string group_id;
  std::string member_id;
  int32_t member_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  std::optional<std::string> server_assignor;
  std::optional<std::vector<owned_topic>> topic_partitions;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("member_id", x.member_id);
    f("member_epoch", x.member_epoch);
    f("instance_id", x.instance_id);
    f("rack_id", x.rack_id);
    f("rebalance_timeout_ms", x.rebalance_timeout_ms);
    f("subscribed_topic_names", x.subscribed_topic_names);
    f("subscribed_topic_regex", x.subscribed_topic_regex, since(1));
    f("server_assignor", x.server_assignor);
    f("topic_partitions", x.topic_partitions);
  }
};

/// `assignment` null: nothing changed.
struct consumer_group_heartbeat_response {
  static constexpr std::string_view type_name = "consumer_group_heartbeat_response";
  static constexpr api_key api = api_key::consumer_group_heartbeat;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 0;

  struct assigned_topic {
    uuid topic_id;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic_id", x.topic_id);
      f("partitions", x.partitions);
    }
  };

  struct member_assignment {
    std::vector<assigned_topic> topic_partitions;

    static void visit(auto& f, auto& x) { f("topic_partitions", x.topic_partitions); }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  int32_t member_epoch = 0;
  int32_t heartbeat_interval_ms = 0;
  std::optional<member_assignment> assignment;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("error_code", x.error);
    f("error_message", x.error_message);
    f("member_id", x.member_id);
    f("member_epoch", x.member_epoch);
    f("heartbeat_interval_ms", x.heartbeat_interval_ms);
    f("assignment", x.assignment);
  }
};

} // namespace chisme::kafka
