// Heartbeat (key 12), versions 0 to 4.
//
// 1        throttle time
// 3        static members
// 4        flexible
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chisme::kafka {

using wire::since;

struct heartbeat_request {
  static constexpr std::string_view type_name = "heartbeat_request";
  static constexpr api_key api = api_key::heartbeat;
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 4;

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("generation_id", x.generation_id);
    f("member_id", x.member_id);
    f("group_instance_id", x.group_instance_id, since(3));
  }
};

struct heartbeat_response {
  static constexpr std::string_view type_name = "heartbeat_response";
  static constexpr api_key api = api_key::heartbeat;
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 4;

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("error_code", x.error);
  }
};

} // namespace chisme::kafka
