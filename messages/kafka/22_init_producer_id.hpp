// InitProducerId (key 22), versions 0 to 5.
//
// 2        flexible
// 3        a producer may name the id it has, to be given its next epoch (KIP-360)
// 5        may say TRANSACTION_ABORTABLE
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chisme::kafka {

using wire::since;

/// `transactional_id` null: a producer that is only idempotent.
struct init_producer_id_request {
  static constexpr std::string_view type_name = "init_producer_id_request";
  static constexpr api_key api = api_key::init_producer_id;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 2;

  std::optional<std::string> transactional_id;
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;

  static void visit(auto& f, auto& x) {
    f("transactional_id", x.transactional_id);
    f("transaction_timeout_ms", x.transaction_timeout_ms);
    f("producer_id", x.producer_id, since(3));
    f("producer_epoch", x.producer_epoch, since(3));
  }
};

struct init_producer_id_response {
  static constexpr std::string_view type_name = "init_producer_id_response";
  static constexpr api_key api = api_key::init_producer_id;
  static constexpr int16_t min_version = 0, max_version = 5, flexible_since = 2;

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("error_code", x.error);
    f("producer_id", x.producer_id);
    f("producer_epoch", x.producer_epoch);
  }
};

} // namespace chisme::kafka
