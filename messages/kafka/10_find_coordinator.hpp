// FindCoordinator (key 10), versions 0 to 6.
//
// 1        coordinators of transactions too
// 3        flexible
// 4        many keys in one request
// 5        may say TRANSACTION_ABORTABLE
// 6        coordinators of share groups
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;
using wire::until;

/// `key_type`: 0 group, 1 transaction, 2 share group.
struct find_coordinator_request {
  static constexpr std::string_view type_name = "find_coordinator_request";
  static constexpr api_key api = api_key::find_coordinator;
  static constexpr int16_t min_version = 0, max_version = 6, flexible_since = 3;

  std::string key;
  int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;

  static void visit(auto& f, auto& x) {
    f("key", x.key, until(3));
    f("key_type", x.key_type, since(1));
    f("coordinator_keys", x.coordinator_keys, since(4));
  }
};

/// Up to version 3 the outer fields are the answer, from 4 on `coordinators` has one element for each key.
struct find_coordinator_response {
  static constexpr std::string_view type_name = "find_coordinator_response";
  static constexpr api_key api = api_key::find_coordinator;
  static constexpr int16_t min_version = 0, max_version = 6, flexible_since = 3;

  struct coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    error_code error = error_code::none;
    std::optional<std::string> error_message;

    static void visit(auto& f, auto& x) {
      f("key", x.key);
      f("node_id", x.node_id);
      f("host", x.host);
      f("port", x.port);
      f("error_code", x.error);
      f("error_message", x.error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  std::optional<std::string> error_message;
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::vector<coordinator> coordinators;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f("error_code", x.error, until(3));
    f("error_message", x.error_message, since(1).until(3));
    f("node_id", x.node_id, until(3));
    f("host", x.host, until(3));
    f("port", x.port, until(3));
    f("coordinators", x.coordinators, since(4));
  }
};

} // namespace chisme::kafka
