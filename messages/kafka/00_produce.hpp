// Produce (key 0), versions 3 to 13.
//
// Versions 0 to 2 carried the old message formats. They are advertised all the same, because librdkafka
// before 2.11.1 compresses only where it sees version 0 (KAFKA-18659), and refused when they come.
//
// 4 to 6   answers may say KAFKA_STORAGE_ERROR (4) and where the log starts (5)
// 7        zstd may be used
// 8        the answer names the records that were refused (KIP-467)
// 9        flexible
// 10       the answer may name the new leader (KIP-951)
// 12       a transactional write adds its partition to the transaction (KIP-890)
// 13       topic ids instead of names
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/api.hpp"
#include "messages/payload.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;
using wire::until;

/// `acks`: 0, 1 or -1 for all. Each record set is one batch of magic 2 and a slice of the frame it came in;
/// a null one is read as empty, and refused later as such.
struct produce_request {
  static constexpr std::string_view type_name = "produce_request";
  static constexpr api_key api = api_key::produce;
  static constexpr int16_t min_version = 3, max_version = 13, flexible_since = 9;

  struct partition_data {
    int32_t index = 0;
    payload records;

    static void visit(auto& f, auto& x) {
      f("index", x.index);
      f("records", x.records);
    }
  };

  struct topic_data {
    std::string name;
    uuid topic_id;
    std::vector<partition_data> partitions;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(12));
      f("topic_id", x.topic_id, since(13));
      f("partition_data", x.partitions);
    }
  };

  std::optional<std::string> transactional_id;
  int16_t acks = 0;
  int32_t timeout_ms = 0;
  std::vector<topic_data> topics;

  static void visit(auto& f, auto& x) {
    f("transactional_id", x.transactional_id);
    f("acks", x.acks);
    f("timeout_ms", x.timeout_ms);
    f("topic_data", x.topics);
  }
};

struct produce_response {
  static constexpr std::string_view type_name = "produce_response";
  static constexpr api_key api = api_key::produce;
  static constexpr int16_t min_version = 3, max_version = 13, flexible_since = 9;

  struct batch_index_and_error_message {
    int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;

    static void visit(auto& f, auto& x) {
      f("batch_index", x.batch_index);
      f("batch_index_error_message", x.batch_index_error_message);
    }
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

  struct partition_response {
    int32_t index = 0;
    error_code error = error_code::none;
    int64_t base_offset = 0;
    int64_t log_append_time_ms = -1;
    int64_t log_start_offset = -1;
    std::vector<batch_index_and_error_message> record_errors;
    std::optional<std::string> error_message;
    leader_id_and_epoch current_leader;

    static void visit(auto& f, auto& x) {
      f("index", x.index);
      f("error_code", x.error);
      f("base_offset", x.base_offset);
      f("log_append_time_ms", x.log_append_time_ms);
      f("log_start_offset", x.log_start_offset, since(5));
      f("record_errors", x.record_errors, since(8));
      f("error_message", x.error_message, since(8));
      f.tag(0, "current_leader", x.current_leader, since(10));
    }
  };

  struct topic_response {
    std::string name;
    uuid topic_id;
    std::vector<partition_response> partition_responses;

    static void visit(auto& f, auto& x) {
      f("name", x.name, until(12));
      f("topic_id", x.topic_id, since(13));
      f("partition_responses", x.partition_responses);
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

  std::vector<topic_response> responses;
  int32_t throttle_time_ms = 0;
  std::vector<node_endpoint> node_endpoints;

  static void visit(auto& f, auto& x) {
    f("responses", x.responses);
    f("throttle_time_ms", x.throttle_time_ms);
    f.tag(0, "node_endpoints", x.node_endpoints, since(10));
  }
};

} // namespace chisme::kafka
