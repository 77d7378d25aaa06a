// DescribeGroups (key 15), versions 0 to 6.
//
// 1        throttle time
// 3        the operations that the client is allowed
// 4        static members
// 5        flexible
// 6        an unknown group is an error with a message, no more a dead group
#pragma once

#include "messages/buffer.hpp"
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

struct describe_groups_request {
  static constexpr std::string_view type_name = "describe_groups_request";
  static constexpr api_key api = api_key::describe_groups;
  static constexpr int16_t min_version = 0, max_version = 6, flexible_since = 5;

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  static void visit(auto& f, auto& x) {
    f("groups", x.groups);
    f("include_authorized_operations", x.include_authorized_operations, since(3));
  }
};

struct describe_groups_response {
  static constexpr std::string_view type_name = "describe_groups_response";
  static constexpr api_key api = api_key::describe_groups;
  static constexpr int16_t min_version = 0, max_version = 6, flexible_since = 5;

  struct described_group_member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    buffer member_metadata;
    buffer member_assignment;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("group_instance_id", x.group_instance_id, since(4));
      f("client_id", x.client_id);
      f("client_host", x.client_host);
      f("member_metadata", x.member_metadata);
      f("member_assignment", x.member_assignment);
    }
  };

  struct described_group {
    error_code error = error_code::none;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<described_group_member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("error_message", x.error_message, since(6));
      f("group_id", x.group_id);
      f("group_state", x.group_state);
      f("protocol_type", x.protocol_type);
      f("protocol_data", x.protocol_data);
      f("members", x.members);
      f("authorized_operations", x.authorized_operations, since(3));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<described_group> groups;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("groups", x.groups);
  }
};

} // namespace chisme::kafka
