// DeleteRecords (key 21), versions 0 to 2.
//
// 2        flexible
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

/// `offset`: records below it go; -1 for the high watermark.
struct delete_records_request {
  static constexpr std::string_view type_name = "delete_records_request";
  static constexpr api_key api = api_key::delete_records;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 2;

  struct partition {
    int32_t partition_index = 0;
    int64_t offset = 0;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("offset", x.offset);
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

  std::vector<topic> topics;
  int32_t timeout_ms = 0;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("timeout_ms", x.timeout_ms);
  }
};

/// `low_watermark`: where the log now starts.
struct delete_records_response {
  static constexpr std::string_view type_name = "delete_records_response";
  static constexpr api_key api = api_key::delete_records;
  static constexpr int16_t min_version = 0, max_version = 2, flexible_since = 2;

  struct partition_result {
    int32_t partition_index = 0;
    int64_t low_watermark = 0;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("low_watermark", x.low_watermark);
      f("error_code", x.error);
    }
  };

  struct topic_result {
    std::string name;
    std::vector<partition_result> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("partitions", x.partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic_result> topics;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
