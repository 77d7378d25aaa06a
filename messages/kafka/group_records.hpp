// The records of `__consumer_offsets` that classic groups and their offsets make, as Kafka writes them.
//
// Before key and value stands an int16. That of the key says what the record is about (0 and 1: an offset, 2: a
// classic group), that of the value is the version of the value's format.
#pragma once

#include "messages/buffer.hpp"
#include "messages/ids.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

struct offset_commit_key {
  static constexpr std::string_view type_name = "offset_commit_key";
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = wire::never;

  std::string group;
  std::string topic;
  int32_t partition = 0;

  static void visit(auto& f, auto& x) {
    f("group", x.group);
    f("topic", x.topic);
    f("partition", x.partition);
  }
};

/// Version 1 alone has an expiry of its own: it comes from clients that chose a retention time.
struct offset_commit_value {
  static constexpr std::string_view type_name = "offset_commit_value";
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 4;

  int64_t offset = 0;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_timestamp = 0;
  int64_t expire_timestamp = -1;
  uuid topic_id;

  static void visit(auto& f, auto& x) {
    f("offset", x.offset);
    f("leader_epoch", x.leader_epoch, since(3));
    f("metadata", x.metadata);
    f("commit_timestamp", x.commit_timestamp);
    f("expire_timestamp", x.expire_timestamp, since(1).until(1));
    f.tag(0, "topic_id", x.topic_id, since(4));
  }
};

struct group_metadata_key {
  static constexpr std::string_view type_name = "group_metadata_key";
  static constexpr int16_t min_version = 2, max_version = 2, flexible_since = wire::never;

  std::string group;

  static void visit(auto& f, auto& x) { f("group", x.group); }
};

struct group_metadata_value {
  static constexpr std::string_view type_name = "group_metadata_value";
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 4;

  struct member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout = -1; ///< -1 in version 0: as the session timeout
    int32_t session_timeout = 0;
    buffer subscription;
    buffer assignment;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("group_instance_id", x.group_instance_id, since(3));
      f("client_id", x.client_id);
      f("client_host", x.client_host);
      f("rebalance_timeout", x.rebalance_timeout, since(1));
      f("session_timeout", x.session_timeout);
      f("subscription", x.subscription);
      f("assignment", x.assignment);
    }
    friend bool operator==(const member&, const member&) = default;
  };

  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  int64_t current_state_timestamp = -1;
  std::vector<member> members;

  static void visit(auto& f, auto& x) {
    f("protocol_type", x.protocol_type);
    f("generation", x.generation);
    f("protocol", x.protocol);
    f("leader", x.leader);
    f("current_state_timestamp", x.current_state_timestamp, since(2));
    f("members", x.members);
  }
  friend bool operator==(const group_metadata_value&, const group_metadata_value&) = default;
};

} // namespace chisme::kafka
