// DeleteGroups (key 42), versions 0 to 2.
//
// 1        throttle time
// 2        flexible
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

struct delete_groups_request {
  static constexpr std::string_view type_name = "delete_groups_request";
  static constexpr api_key api = api_key::delete_groups;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 2;

  std::vector<std::string> groups_names;

  static void visit(auto& f, auto& x) { f("groups_names", x.groups_names); }
};

struct delete_groups_response {
  static constexpr std::string_view type_name = "delete_groups_response";
  static constexpr api_key api = api_key::delete_groups;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 2;

  struct deletable_group_result {
    std::string group_id;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("group_id", x.group_id);
      f("error_code", x.error);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<deletable_group_result> results;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("results", x.results);
  }
};

} // namespace chisme::kafka
