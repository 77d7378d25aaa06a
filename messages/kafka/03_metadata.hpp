// Metadata (key 3), versions 0 to 13.
//
// 0        an empty list of topics asks for all; later versions use null for that and empty for none
// 1        racks, controller, internal topics
// 2        cluster id
// 4        a client may forbid the creation of topics that it asks for
// 5        replicas that are offline
// 7        leader epochs
// 8 to 10  the operations that the client is allowed; those on the cluster move to DescribeCluster in 11
// 9        flexible
// 10       topic ids; 12 lets a client ask by id alone
// 13       an error for the whole answer (REBOOTSTRAP_REQUIRED)
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::nullable_since;
using wire::since;

/// `topics` null: all. In version 0 null is written as empty, which means the same there.
struct metadata_request {
  static constexpr std::string_view type_name = "metadata_request";
  static constexpr api_key api = api_key::metadata;
  static constexpr int16_t min_version = 0, max_version = 13, flexible_since = 9;

  struct topic {
    uuid topic_id;
    std::optional<std::string> name;

    static void visit(auto& f, auto& x) {
      f("topic_id", x.topic_id, since(10));
      f("name", x.name, nullable_since(10));
    }
  };

  std::optional<std::vector<topic>> topics;
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics, nullable_since(1));
    f("allow_auto_topic_creation", x.allow_auto_topic_creation, since(4));
    f("include_cluster_authorized_operations", x.include_cluster_authorized_operations, since(8).until(10));
    f("include_topic_authorized_operations", x.include_topic_authorized_operations, since(8));
  }
};

/// `name` is null for a topic that was asked for by an unknown id.
struct metadata_response {
  static constexpr std::string_view type_name = "metadata_response";
  static constexpr api_key api = api_key::metadata;
  static constexpr int16_t min_version = 0, max_version = 13, flexible_since = 9;

  struct broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    static void visit(auto& f, auto& x) {
      f("node_id", x.node_id);
      f("host", x.host);
      f("port", x.port);
      f("rack", x.rack, since(1));
    }
  };

  struct partition {
    error_code error = error_code::none;
    int32_t partition_index = 0;
    int32_t leader_id = 0;
    int32_t leader_epoch = -1;
    std::vector<int32_t> replica_nodes;
    std::vector<int32_t> isr_nodes;
    std::vector<int32_t> offline_replicas;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("partition_index", x.partition_index);
      f("leader_id", x.leader_id);
      f("leader_epoch", x.leader_epoch, since(7));
      f("replica_nodes", x.replica_nodes);
      f("isr_nodes", x.isr_nodes);
      f("offline_replicas", x.offline_replicas, since(5));
    }
  };

  struct topic {
    error_code error = error_code::none;
    std::optional<std::string> name;
    uuid topic_id;
    bool is_internal = false;
    std::vector<partition> partitions;
    int32_t topic_authorized_operations = std::numeric_limits<int32_t>::min();

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("name", x.name, nullable_since(12));
      f("topic_id", x.topic_id, since(10));
      f("is_internal", x.is_internal, since(1));
      f("partitions", x.partitions);
      f("topic_authorized_operations", x.topic_authorized_operations, since(8));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<topic> topics;
  int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();
  error_code error = error_code::none;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(3));
    f("brokers", x.brokers);
    f("cluster_id", x.cluster_id, since(2));
    f("controller_id", x.controller_id, since(1));
    f("topics", x.topics);
    f("cluster_authorized_operations", x.cluster_authorized_operations, since(8).until(10));
    f("error_code", x.error, since(13));
  }
};

} // namespace chisme::kafka
