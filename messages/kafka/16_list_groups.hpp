// ListGroups (key 16), versions 0 to 5.
//
// 1        throttle time
// 3        flexible
// 4        only groups in certain states
// 5        only groups of certain types
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

/// Empty filters let everything through.
struct list_groups_request {
  static constexpr std::string_view type_name = "list_groups_request";
  static constexpr api_key api = api_key::list_groups;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 3;

  std::vector<std::string> states_filter;
  std::vector<std::string> types_filter;

  static void visit(auto& f, auto& x) {
    f("states_filter", x.states_filter, since(4));
    f("types_filter", x.types_filter, since(5));
  }
};

struct list_groups_response {
  static constexpr std::string_view type_name = "list_groups_response";
  static constexpr api_key api = api_key::list_groups;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 3;

  struct listed_group {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;

    static void visit(auto& f, auto& x) {
      f("group_id", x.group_id);
      f("protocol_type", x.protocol_type);
      f("group_state", x.group_state, since(4));
      f("group_type", x.group_type, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::vector<listed_group> groups;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("error_code", x.error);
    f("groups", x.groups);
  }
};

} // namespace chisme::kafka
