// DescribeLogDirs (key 35), versions 1 to 4.
//
// 2        flexible
// 3        an error for the whole answer
// 4        sizes of the volume
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

/// `topics` null: all.
struct describe_log_dirs_request {
  static constexpr std::string_view type_name = "describe_log_dirs_request";
  static constexpr api_key api = api_key::describe_log_dirs;
  static constexpr int16_t min_version = 1, max_version = 4, flexible_since = 2;

  struct describable_log_dir_topic {
    std::string topic;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic);
      f("partitions", x.partitions);
    }
  };

  std::optional<std::vector<describable_log_dir_topic>> topics;

  static void visit(auto& f, auto& x) { f("topics", x.topics); }
};

/// Sizes are bytes, -1 for unknown.
struct describe_log_dirs_response {
  static constexpr std::string_view type_name = "describe_log_dirs_response";
  static constexpr api_key api = api_key::describe_log_dirs;
  static constexpr int16_t min_version = 1, max_version = 4, flexible_since = 2;

  struct partition {
    int32_t partition_index = 0;
    int64_t partition_size = 0;
    int64_t offset_lag = 0;
    bool is_future_key = false;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("partition_size", x.partition_size);
      f("offset_lag", x.offset_lag);
      f("is_future_key", x.is_future_key);
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

  struct result {
    error_code error = error_code::none;
    std::string log_dir;
    std::vector<topic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("log_dir", x.log_dir);
      f("topics", x.topics);
      f("total_bytes", x.total_bytes, since(4));
      f("usable_bytes", x.usable_bytes, since(4));
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::vector<result> results;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("error_code", x.error, since(3));
    f("results", x.results);
  }
};

} // namespace chisme::kafka
