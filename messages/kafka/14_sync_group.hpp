// SyncGroup (key 14), versions 0 to 5.
//
// 1        throttle time
// 3        static members
// 4        flexible
// 5        the type and the protocol are named, so that a mix-up is noticed
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

/// `assignments` come from the leader only.
struct sync_group_request {
  static constexpr std::string_view type_name = "sync_group_request";
  static constexpr api_key api = api_key::sync_group;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 4;

  struct assignment_data {
    std::string member_id;
    buffer assignment;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("assignment", x.assignment);
    }
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<assignment_data> assignments;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("generation_id", x.generation_id);
    f("member_id", x.member_id);
    f("group_instance_id", x.group_instance_id, since(3));
    f("protocol_type", x.protocol_type, since(5));
    f("protocol_name", x.protocol_name, since(5));
    f("assignments", x.assignments);
  }
};

struct sync_group_response {
  static constexpr std::string_view type_name = "sync_group_response";
  static constexpr api_key api = api_key::sync_group;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 4;

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  buffer assignment;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("error_code", x.error);
    f("protocol_type", x.protocol_type, since(5));
    f("protocol_name", x.protocol_name, since(5));
    f("assignment", x.assignment);
  }
};

} // namespace chisme::kafka
