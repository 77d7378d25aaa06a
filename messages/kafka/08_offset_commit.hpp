// OffsetCommit (key 8), versions 2 to 10.
//
// 2 to 4   with a retention time, which is ignored today
// 6        leader epoch of the last record read
// 7        static members
// 8        flexible
// 9        the generation may be a member epoch (KIP-848)
// 10       topic ids instead of names
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;
using wire::until;

struct offset_commit_request {
  static constexpr std::string_view type_name = "offset_commit_request";
  static constexpr api_key api = api_key::offset_commit;
  static constexpr int16_t min_version = 2, max_version = 10, flexible_since = 8;

  struct partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("committed_offset", x.committed_offset);
      f("committed_leader_epoch", x.committed_leader_epoch, since(6));
      f("committed_metadata", x.committed_metadata);
    }
  };

  struct topic {
    std::string name;
    uuid topic_id;
    std::vector<partition> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(9));
      f("topic_id", x.topic_id, since(10));
      f("partitions", x.partitions);
    }
  };

  std::string group_id;
  int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;
  std::vector<topic> topics;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("generation_id_or_member_epoch", x.generation_id_or_member_epoch);
    f("member_id", x.member_id);
    f("group_instance_id", x.group_instance_id, since(7));
    f("retention_time_ms", x.retention_time_ms, until(4));
    f("topics", x.topics);
  }
};

struct offset_commit_response {
  static constexpr std::string_view type_name = "offset_commit_response";
  static constexpr api_key api = api_key::offset_commit;
  static constexpr int16_t min_version = 2, max_version = 10, flexible_since = 8;

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
    uuid topic_id;
    std::vector<partition> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(9));
      f("topic_id", x.topic_id, since(10));
      f("partitions", x.partitions);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic> topics;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(3));
    f("topics", x.topics);
  }
};

} // namespace chisme::kafka
