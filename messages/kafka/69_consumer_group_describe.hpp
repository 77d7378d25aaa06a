// ConsumerGroupDescribe (key 69), versions 0 to 1.
//
// 1        the type of each member
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

using wire::since;

struct consumer_group_describe_request {
  static constexpr std::string_view type_name = "consumer_group_describe_request";
  static constexpr api_key api = api_key::consumer_group_describe;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 0;

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;

  static void visit(auto& f, auto& x) {
    f("group_ids", x.group_ids);
    f("include_authorized_operations", x.include_authorized_operations);
  }
};

struct consumer_group_describe_response {
  static constexpr std::string_view type_name = "consumer_group_describe_response";
  static constexpr api_key api = api_key::consumer_group_describe;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 0;

  struct assigned_topic {
    uuid topic_id;
    std::string topic_name;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic_id", x.topic_id);
      f("topic_name", x.topic_name);
      f("partitions", x.partitions);
    }
  };

  struct member_assignment {
    std::vector<assigned_topic> topic_partitions;

    static void visit(auto& f, auto& x) { f("topic_partitions", x.topic_partitions); }
  };

  struct member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;
    member_assignment assignment;
    member_assignment target_assignment;
    int8_t member_type = -1;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("instance_id", x.instance_id);
      f("rack_id", x.rack_id);
      f("member_epoch", x.member_epoch);
      f("client_id", x.client_id);
      f("client_host", x.client_host);
      f("subscribed_topic_names", x.subscribed_topic_names);
      f("subscribed_topic_regex", x.subscribed_topic_regex);
      f("assignment", x.assignment);
      f("target_assignment", x.target_assignment);
      f("member_type", x.member_type, since(1));
    }
  };

  struct described_group {
    error_code error = error_code::none;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor_name;
    std::vector<member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("error_message", x.error_message);
      f("group_id", x.group_id);
      f("group_state", x.group_state);
      f("group_epoch", x.group_epoch);
      f("assignment_epoch", x.assignment_epoch);
      f("assignor_name", x.assignor_name);
      f("members", x.members);
      f("authorized_operations", x.authorized_operations);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<described_group> groups;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("groups", x.groups);
  }
};

} // namespace chisme::kafka
