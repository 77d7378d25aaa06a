// Fetch (key 1), versions 4 to 18.
//
// 5        where the log starts
// 7        fetch sessions (KIP-227)
// 9        the reader's leader epoch is checked
// 10       zstd may be in the answer
// 11       the reader's rack, the preferred replica (KIP-392)
// 12       flexible; divergence between epochs is reported
// 13       topic ids instead of names
// 15       who the follower is moves into a tagged field
// 16       the answer may name the new leader (KIP-951)
// 17, 18   tagged fields for followers only
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/payload.hpp"
#include "messages/wire/versions.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;
using wire::until;

/// `isolation_level`: 0 reads up to the high watermark, 1 up to the last stable offset.
struct fetch_request {
  static constexpr std::string_view type_name = "fetch_request";
  static constexpr api_key api = api_key::fetch;
  static constexpr int16_t min_version = 4, max_version = 18, flexible_since = 12;

  struct replica {
    int32_t replica_id = -1;
    int64_t replica_epoch = -1;

    static void visit(auto& f, auto& x) {
      f("replica_id", x.replica_id);
      f("replica_epoch", x.replica_epoch);
    }

    friend bool operator==(const replica&, const replica&) = default;
  };

  struct partition_data {
    int32_t partition = 0;
    int32_t current_leader_epoch = -1;
    int64_t fetch_offset = 0;
    int32_t last_fetched_epoch = -1;
    int64_t log_start_offset = -1;
    int32_t partition_max_bytes = 0;
    uuid replica_directory_id;
    int64_t high_watermark = std::numeric_limits<int64_t>::max();

    static void visit(auto& f, auto& x) {
      f("partition", x.partition);
      f("current_leader_epoch", x.current_leader_epoch, since(9));
      f("fetch_offset", x.fetch_offset);
      f("last_fetched_epoch", x.last_fetched_epoch, since(12));
      f("log_start_offset", x.log_start_offset, since(5));
      f("partition_max_bytes", x.partition_max_bytes);
      f.tag(0, "replica_directory_id", x.replica_directory_id, since(17));
      f.tag(1, "high_watermark", x.high_watermark, since(18), std::numeric_limits<int64_t>::max());
    }
  };

  struct topic_data {
    std::string topic;
    uuid topic_id;
    std::vector<partition_data> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic, until(12));
      f("topic_id", x.topic_id, since(13));
      f("partitions", x.partitions);
    }
  };

  struct forgotten_topic {
    std::string topic;
    uuid topic_id;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic, until(12));
      f("topic_id", x.topic_id, since(13));
      f("partitions", x.partitions);
    }
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  replica replica_state;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = std::numeric_limits<int32_t>::max();
  int8_t isolation_level = 0;
  int32_t session_id = 0;
  int32_t session_epoch = -1;
  std::vector<topic_data> topics;
  std::vector<forgotten_topic> forgotten_topics_data;
  std::string rack_id;

  static void visit(auto& f, auto& x) {
    f.tag(0, "cluster_id", x.cluster_id, since(12));
    f("replica_id", x.replica_id, until(14));
    f.tag(1, "replica_state", x.replica_state, since(15));
    f("max_wait_ms", x.max_wait_ms);
    f("min_bytes", x.min_bytes);
    f("max_bytes", x.max_bytes);
    f("isolation_level", x.isolation_level);
    f("session_id", x.session_id, since(7));
    f("session_epoch", x.session_epoch, since(7));
    f("topics", x.topics);
    f("forgotten_topics_data", x.forgotten_topics_data, since(7));
    f("rack_id", x.rack_id, since(11));
  }
};

/// `aborted_transactions` is null where the reader did not ask for committed records only.
struct fetch_response {
  static constexpr std::string_view type_name = "fetch_response";
  static constexpr api_key api = api_key::fetch;
  static constexpr int16_t min_version = 4, max_version = 18, flexible_since = 12;

  struct epoch_end_offset {
    int32_t epoch = -1;
    int64_t end_offset = -1;

    static void visit(auto& f, auto& x) {
      f("epoch", x.epoch);
      f("end_offset", x.end_offset);
    }

    friend bool operator==(const epoch_end_offset&, const epoch_end_offset&) = default;
  };

  struct leader_id_and_epoch {
    int32_t leader_id = -1;
    int32_t leader_epoch = -1;

    static void visit(auto& f, auto& x) {
      f("leader_id", x.leader_id);
      f("leader_epoch", x.leader_epoch);
    }

    friend bool operator==(const leader_id_and_epoch&, const leader_id_and_epoch&) = default;
  };

  struct snapshot {
    int64_t end_offset = -1;
    int32_t epoch = -1;

    static void visit(auto& f, auto& x) {
      f("end_offset", x.end_offset);
      f("epoch", x.epoch);
    }

    friend bool operator==(const snapshot&, const snapshot&) = default;
  };

  struct aborted_transaction {
    int64_t producer_id = 0;
    int64_t first_offset = 0;

    static void visit(auto& f, auto& x) {
      f("producer_id", x.producer_id);
      f("first_offset", x.first_offset);
    }
  };

  struct partition_data {
    int32_t partition_index = 0;
    error_code error = error_code::none;
    int64_t high_watermark = 0;
    int64_t last_stable_offset = -1;
    int64_t log_start_offset = -1;
    epoch_end_offset diverging_epoch;
    leader_id_and_epoch current_leader;
    snapshot snapshot_id;
    std::optional<std::vector<aborted_transaction>> aborted_transactions;
    int32_t preferred_read_replica = -1;
    payload records;

    static void visit(auto& f, auto& x) {
      f("partition_index", x.partition_index);
      f("error_code", x.error);
      f("high_watermark", x.high_watermark);
      f("last_stable_offset", x.last_stable_offset);
      f("log_start_offset", x.log_start_offset, since(5));
      f.tag(0, "diverging_epoch", x.diverging_epoch, since(12));
      f.tag(1, "current_leader", x.current_leader, since(12));
      f.tag(2, "snapshot_id", x.snapshot_id, since(12));
      f("aborted_transactions", x.aborted_transactions);
      f("preferred_read_replica", x.preferred_read_replica, since(11));
      f("records", x.records);
    }
  };

  struct topic_response {
    std::string topic;
    uuid topic_id;
    std::vector<partition_data> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic, until(12));
      f("topic_id", x.topic_id, since(13));
      f("partitions", x.partitions);
    }
  };

  struct node_endpoint {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;

    static void visit(auto& f, auto& x) {
      f("node_id", x.node_id);
      f("host", x.host);
      f("port", x.port);
      f("rack", x.rack);
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  int32_t session_id = 0;
  std::vector<topic_response> responses;
  std::vector<node_endpoint> node_endpoints;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("error_code", x.error, since(7));
    f("session_id", x.session_id, since(7));
    f("responses", x.responses);
    f.tag(0, "node_endpoints", x.node_endpoints, since(16));
  }
};

} // namespace chisme::kafka
