// OffsetDelete (key 47), version 0.
//
// Never flexible.
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::never;

struct offset_delete_request {
  static constexpr std::string_view type_name = "offset_delete_request";
  static constexpr api_key api = api_key::offset_delete;
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = wire::never;

  struct partition {
    int32_t partition_index = 0;

    static void visit(auto& f, auto& x) { f("partition_index", x.partition_index); }
  };

  struct topic {
    std::string name;
    std::vector<partition> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("partitions", x.partitions);
    }
  };

  std::string group_id;
  std::vector<topic> topics;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("topics", x.topics);
  }
};

struct offset_delete_response {
  static constexpr std::string_view type_name = "offset_delete_response";
  static constexpr api_key api = api_key::offset_delete;
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = wire::never;

  struct partition {
    int32_t partition_index = 0;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("error_code", x.error);
    }
  };

  struct topic {
    std::string name;
    std::vector<partition> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("partitions", x.partitions);
    }
  };

  error_code error = error_code::none;
  int32_t throttle_time_ms = 0;
  std::vector<topic> topics;

  static void visit(auto& f, auto& x) {
    f("error_code", x.error);
    f("throttle_time_ms", x.throttle_time_ms);
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
