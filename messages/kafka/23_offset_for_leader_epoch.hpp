// OffsetForLeaderEpoch (key 23), versions 2 to 4.
//
// 3        the follower's id
// 4        flexible
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

struct offset_for_leader_epoch_request {
  static constexpr std::string_view type_name = "offset_for_leader_epoch_request";
  static constexpr api_key api = api_key::offset_for_leader_epoch;
  static constexpr int16_t min_version = 2, max_version = 4, flexible_since = 4;

  struct offset_for_leader_partition {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int32_t leader_epoch = 0;

    static void visit(auto& f, auto& x) {
      f("partition", x.partition);
      f("current_leader_epoch", x.current_leader_epoch);
      f("leader_epoch", x.leader_epoch);
    }
  };

  struct offset_for_leader_topic {
    std::string topic;
    std::vector<offset_for_leader_partition> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic);
      f("partitions", x.partitions);
    }
  };

  int32_t replica_id = -2;
  std::vector<offset_for_leader_topic> topics;

  static void visit(auto& f, auto& x) {
    f("replica_id", x.replica_id, since(3));
    f("topics", x.topics);
  }
};

/// `end_offset`: where that epoch ended, -1 for unknown.
struct offset_for_leader_epoch_response {
  static constexpr std::string_view type_name = "offset_for_leader_epoch_response";
  static constexpr api_key api = api_key::offset_for_leader_epoch;
  static constexpr int16_t min_version = 2, max_version = 4, flexible_since = 4;

  struct epoch_end_offset {
    error_code error = error_code::none;
    int32_t partition = 0;
    int32_t leader_epoch = -1;
    int64_t end_offset = -1;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("partition", x.partition);
      f("leader_epoch", x.leader_epoch);
      f("end_offset", x.end_offset);
    }
  };

  struct offset_for_leader_topic_result {
    std::string topic;
    std::vector<epoch_end_offset> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic);
      f("partitions", x.partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<offset_for_leader_topic_result> topics;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
