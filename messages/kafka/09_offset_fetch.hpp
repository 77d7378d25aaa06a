// OffsetFetch (key 9), versions 1 to 10.
//
// 2        null topics ask for all; an error for the group
// 5        leader epochs
// 6        flexible
// 7        the client may insist on offsets that no open transaction touches
// 8        many groups in one request; the fields for one group go
// 9        member id and epoch (KIP-848)
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

/// Up to version 7 the outer fields name the one group, from 8 on `groups` does.
struct offset_fetch_request {
  static constexpr std::string_view type_name = "offset_fetch_request";
  static constexpr api_key api = api_key::offset_fetch;
  static constexpr int16_t min_version = 1, max_version = 10, flexible_since = 6;

  struct topic {
    std::string name;
    std::vector<int32_t> partition_indexes;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("partition_indexes", x.partition_indexes);
    }
  };

  struct group_topic {
    std::string name;
    uuid topic_id;
    std::vector<int32_t> partition_indexes;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(9));
      f("topic_id", x.topic_id, since(10));
      f("partition_indexes", x.partition_indexes);
    }
  };

  struct group {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<group_topic>> topics;

    static void visit(auto& f, auto& x) {
      f("group_id", x.group_id);
      f("member_id", x.member_id, since(9));
      f("member_epoch", x.member_epoch, since(9));
      f("topics", x.topics);
    }
  };

  std::string group_id;
  std::optional<std::vector<topic>> topics;
  std::vector<group> groups;
  bool require_stable = false;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id, until(7));
    f("topics", x.topics, until(7).nullable_since(2));
    f("groups", x.groups, since(8));
    f("require_stable", x.require_stable, since(7));
  }
};

struct offset_fetch_response {
  static constexpr std::string_view type_name = "offset_fetch_response";
  static constexpr api_key api = api_key::offset_fetch;
  static constexpr int16_t min_version = 1, max_version = 10, flexible_since = 6;

  struct partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("committed_offset", x.committed_offset);
      f("committed_leader_epoch", x.committed_leader_epoch, since(5));
      f("metadata", x.metadata);
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

  struct group_partition {
    int32_t partition_index = 0;
    int64_t committed_offset = 0;
    int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("committed_offset", x.committed_offset);
      f("committed_leader_epoch", x.committed_leader_epoch);
      f("metadata", x.metadata);
      f("error_code", x.error);
    }
  };

  struct group_topic {
    std::string name;
    uuid topic_id;
    std::vector<group_partition> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(9));
      f("topic_id", x.topic_id, since(10));
      f("partitions", x.partitions);
    }
  };

  struct group {
    std::string group_id;
    std::vector<group_topic> topics;
    error_code error = error_code::none;

    static void visit(auto& f, auto& x) {
      f("group_id", x.group_id);
      f("topics", x.topics);
      f("error_code", x.error);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<topic> topics;
  error_code error = error_code::none;
  std::vector<group> groups;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(3));
    f("topics", x.topics, until(7));
    f("error_code", x.error, since(2).until(7));
    f("groups", x.groups, since(8));
  }
};

} // namespace chisme::kafka
