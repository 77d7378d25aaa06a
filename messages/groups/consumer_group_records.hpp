// The records of a consumer group (KIP-848) in `__consumer_offsets`, field by field as Kafka writes them.
//
// key   = int16 type | fields in the old encoding, without tagged fields
// value = int16 version (0) | fields in the flexible encoding; a newer version adds tagged ones
// The type of a key stands where other messages have their version: 3 group, 4 partitions, 5 member, 6 target
// assignment, 7 target of a member, 8 current assignment of a member, 16 regular expression.
#pragma once

#include "messages/buffer.hpp"
#include "messages/ids.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::groups {

using wire::since;

/// Numbers on disk: never reused.
enum consumer_group_record_type : int16_t {
  group_metadata_type = 3,
  partition_metadata_type = 4,
  member_metadata_type = 5,
  target_assignment_metadata_type = 6,
  target_assignment_member_type = 7,
  current_member_assignment_type = 8,
  regular_expression_type = 16,
};

/// `name` is the member's id, or the regular expression.
struct consumer_group_record_key {
  static constexpr std::string_view type_name = "consumer_group_record_key";
  static constexpr int16_t min_version = 3, max_version = 16, flexible_since = wire::never;

  std::string group;
  std::string name;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group);
    f("member_id", x.name, since(5).until(5));
    f("member_id", x.name, since(7).until(8));
    f("regular_expression", x.name, since(16));
  }
};

struct topic_partitions {
  uuid topic_id;
  std::vector<int32_t> partitions;

  static void visit(auto& f, auto& x) {
    f("topic_id", x.topic_id);
    f("partitions", x.partitions);
  }
  friend bool operator==(const topic_partitions&, const topic_partitions&) = default;
};

/// `metadata_hash` tells whether the subscribed topics are still what the last decision saw.
struct group_metadata_value {
  static constexpr std::string_view type_name = "consumer_group_metadata_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int32_t epoch = 0;
  int64_t metadata_hash = 0;

  static void visit(auto& f, auto& x) {
    f("epoch", x.epoch);
    f.tag(0, "metadata_hash", x.metadata_hash);
  }
  friend bool operator==(const group_metadata_value&, const group_metadata_value&) = default;
};

/// Older Kafka's memory of the subscribed topics.
struct partition_metadata_value {
  static constexpr std::string_view type_name = "consumer_group_partition_metadata_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  struct partition {
    int32_t index = 0;
    std::vector<std::string> racks;

    static void visit(auto& f, auto& x) {
      f("partition", x.index);
      f("racks", x.racks);
    }
    friend bool operator==(const partition&, const partition&) = default;
  };

  struct topic {
    uuid id;
    std::string name;
    int32_t partition_count = 0;
    std::vector<partition> partitions;

    static void visit(auto& f, auto& x) {
      f("topic_id", x.id);
      f("topic_name", x.name);
      f("num_partitions", x.partition_count);
      f("partition_metadata", x.partitions);
    }
    friend bool operator==(const topic&, const topic&) = default;
  };

  std::vector<topic> topics;

  static void visit(auto& f, auto& x) { f("topics", x.topics); }
  friend bool operator==(const partition_metadata_value&, const partition_metadata_value&) = default;
};

/// What only a member has that still speaks the classic protocol.
struct classic_member_metadata {
  struct protocol {
    std::string name;
    buffer metadata;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("metadata", x.metadata);
    }
    friend bool operator==(const protocol&, const protocol&) = default;
  };

  int32_t session_timeout_ms = 0;
  std::vector<protocol> supported_protocols;

  static void visit(auto& f, auto& x) {
    f("session_timeout_ms", x.session_timeout_ms);
    f("supported_protocols", x.supported_protocols);
  }
  friend bool operator==(const classic_member_metadata&, const classic_member_metadata&) = default;
};

struct member_metadata_value {
  static constexpr std::string_view type_name = "consumer_group_member_metadata_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor;
  std::optional<classic_member_metadata> classic;

  static void visit(auto& f, auto& x) {
    f("instance_id", x.instance_id);
    f("rack_id", x.rack_id);
    f("client_id", x.client_id);
    f("client_host", x.client_host);
    f("subscribed_topic_names", x.subscribed_topic_names);
    f("subscribed_topic_regex", x.subscribed_topic_regex);
    f("rebalance_timeout_ms", x.rebalance_timeout_ms);
    f("server_assignor", x.server_assignor);
    f.tag(0, "classic_member_metadata", x.classic);
  }
  friend bool operator==(const member_metadata_value&, const member_metadata_value&) = default;
};

struct target_assignment_metadata_value {
  static constexpr std::string_view type_name = "consumer_group_target_assignment_metadata_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int32_t assignment_epoch = 0;

  static void visit(auto& f, auto& x) { f("assignment_epoch", x.assignment_epoch); }
  friend bool operator==(const target_assignment_metadata_value&, const target_assignment_metadata_value&) = default;
};

struct target_assignment_member_value {
  static constexpr std::string_view type_name = "consumer_group_target_assignment_member_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  std::vector<topic_partitions> partitions;

  static void visit(auto& f, auto& x) { f("topic_partitions", x.partitions); }
  friend bool operator==(const target_assignment_member_value&, const target_assignment_member_value&) = default;
};

struct current_member_assignment_value {
  static constexpr std::string_view type_name = "consumer_group_current_member_assignment_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int32_t member_epoch = 0;
  int32_t previous_member_epoch = 0;
  int8_t state = 0;
  std::vector<topic_partitions> assigned;
  std::vector<topic_partitions> pending_revocation;

  static void visit(auto& f, auto& x) {
    f("member_epoch", x.member_epoch);
    f("previous_member_epoch", x.previous_member_epoch);
    f("state", x.state);
    f("assigned_partitions", x.assigned);
    f("partitions_pending_revocation", x.pending_revocation);
  }
  friend bool operator==(const current_member_assignment_value&, const current_member_assignment_value&) = default;
};

/// The topics that a regular expression stood for at a version of the metadata.
struct regular_expression_value {
  static constexpr std::string_view type_name = "consumer_group_regular_expression_value";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  std::vector<std::string> topics;
  int64_t version = 0;
  timestamp_ms timestamp = 0;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("version", x.version);
    f("timestamp", x.timestamp);
  }
  friend bool operator==(const regular_expression_value&, const regular_expression_value&) = default;
};

} // namespace chisme::groups
