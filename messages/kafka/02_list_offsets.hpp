// ListOffsets (key 2), versions 1 to 11.
//
// 2        isolation level
// 4        leader epochs
// 6        flexible
// 7        timestamp -3: the largest timestamp (KIP-734)
// 8        timestamp -4: the earliest local offset
// 9        timestamp -5: the latest tiered offset
// 10       a timeout, for lookups in tiered storage
// 11       timestamp -6: the earliest offset not yet tiered
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

/// `timestamp`: milliseconds, or -1 for the latest offset, -2 for the earliest.
struct list_offsets_request {
  static constexpr std::string_view type_name = "list_offsets_request";
  static constexpr api_key api = api_key::list_offsets;
  static constexpr int16_t min_version = 1, max_version = 11, flexible_since = 6;

  struct partition {
    int32_t partition_index = 0;
    int32_t current_leader_epoch = -1;
    int64_t timestamp = 0;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("current_leader_epoch", x.current_leader_epoch, since(4));
      f("timestamp", x.timestamp);
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

  int32_t replica_id = 0;
  int8_t isolation_level = 0;
  std::vector<topic> topics;
  int32_t timeout_ms = 0;

  static void visit(auto& f, auto& x) {
    f("replica_id", x.replica_id);
    f("isolation_level", x.isolation_level, since(2));
    f("topics", x.topics);
    f("timeout_ms", x.timeout_ms, since(10));
  }
};

struct list_offsets_response {
  static constexpr std::string_view type_name = "list_offsets_response";
  static constexpr api_key api = api_key::list_offsets;
  static constexpr int16_t min_version = 1, max_version = 11, flexible_since = 6;

  struct partition_response {
    int32_t partition_index = 0;
    error_code error = error_code::none;
    int64_t timestamp = -1;
    int64_t offset = -1;
    int32_t leader_epoch = -1;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("error_code", x.error);
      f("timestamp", x.timestamp);
      f("offset", x.offset);
      f("leader_epoch", x.leader_epoch, since(4));
    }
  };

  struct topic_response {
    std::string name;
    std::vector<partition_response> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("partitions", x.partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic_response> topics;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(2));
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
