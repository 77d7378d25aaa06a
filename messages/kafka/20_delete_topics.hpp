// DeleteTopics (key 20), versions 1 to 6.
//
// 4        flexible
// 5        an error message
// 6        topics by name or by id: `topics` instead of `topic_names`
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

using wire::nullable_since;
using wire::since;
using wire::until;

struct delete_topics_request {
  static constexpr std::string_view type_name = "delete_topics_request";
  static constexpr api_key api = api_key::delete_topics;
  static constexpr int16_t min_version = 1, max_version = 6, flexible_since = 4;

  struct delete_topic_state {
    std::optional<std::string> name;
    uuid topic_id;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("topic_id", x.topic_id);
    }
  };

  std::vector<delete_topic_state> topics;
  std::vector<std::string> topic_names;
  int32_t timeout_ms = 0;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics, since(6));
    f("topic_names", x.topic_names, until(5));
    f("timeout_ms", x.timeout_ms);
  }
};

struct delete_topics_response {
  static constexpr std::string_view type_name = "delete_topics_response";
  static constexpr api_key api = api_key::delete_topics;
  static constexpr int16_t min_version = 1, max_version = 6, flexible_since = 4;

  struct deletable_topic_result {
    std::optional<std::string> name;
    uuid topic_id;
    error_code error = error_code::none;
    std::optional<std::string> error_message;

    static void visit(auto& f, auto& x) {
      f("name", x.name, nullable_since(6));
      f("topic_id", x.topic_id, since(6));
      f("error_code", x.error);
      f("error_message", x.error_message, since(5));
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<deletable_topic_result> responses;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("responses", x.responses);
  }
};

} // namespace chisme::kafka
