// LeaveGroup (key 13), versions 0 to 5.
//
// 1        throttle time
// 3        many members in one request, static ones too; the single member id goes
// 4        flexible
// 5        why the member leaves
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;
using wire::until;

struct leave_group_request {
  static constexpr std::string_view type_name = "leave_group_request";
  static constexpr api_key api = api_key::leave_group;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 4;

  struct member_identity {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("group_instance_id", x.group_instance_id);
      f("reason", x.reason, since(5));
    }
  };

  std::string group_id;
  std::string member_id;
  std::vector<member_identity> members;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("member_id", x.member_id, until(2));
    f("members", x.members, since(3));
  }
};

struct leave_group_response {
  static constexpr std::string_view type_name = "leave_group_response";
  static constexpr api_key api = api_key::leave_group;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 4;

  struct member_response {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("group_instance_id", x.group_instance_id);
      f("error_code", x.error);
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::vector<member_response> members;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("error_code", x.error);
    f("members", x.members, since(3));
  }
};

} // namespace chisme::kafka
