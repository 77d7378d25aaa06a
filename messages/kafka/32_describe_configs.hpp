// DescribeConfigs (key 32), versions 1 to 4.
//
// 2        may say that a broker's configs are asked from the wrong broker
// 3        types and documentation
// 4        flexible
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

/// `configuration_keys` null: all of the resource. Resource types: 2 topic, 4 broker, 8 logger, 32 group.
struct describe_configs_request {
  static constexpr std::string_view type_name = "describe_configs_request";
  static constexpr api_key api = api_key::describe_configs;
  static constexpr int16_t min_version = 1, max_version = 4, flexible_since = 4;

  struct resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;

    static void visit(auto& f, auto& x) {
      f("resource_type", x.resource_type);
      f("resource_name", x.resource_name);
      f("configuration_keys", x.configuration_keys);
    }
  };

  std::vector<resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  static void visit(auto& f, auto& x) {
    f("resources", x.resources);
    f("include_synonyms", x.include_synonyms);
    f("include_documentation", x.include_documentation, since(3));
  }
};

struct describe_configs_response {
  static constexpr std::string_view type_name = "describe_configs_response";
  static constexpr api_key api = api_key::describe_configs;
  static constexpr int16_t min_version = 1, max_version = 4, flexible_since = 4;

  struct synonym {
    std::string name;
    std::optional<std::string> value;
    int8_t source = 0;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("value", x.value);
      f("source", x.source);
    }
  };

  struct resource_result {
    std::string name;
    std::optional<std::string> value;
    bool read_only = false;
    int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<synonym> synonyms;
    int8_t config_type = 0;
    std::optional<std::string> documentation;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("value", x.value);
      f("read_only", x.read_only);
      f("config_source", x.config_source);
      f("is_sensitive", x.is_sensitive);
      f("synonyms", x.synonyms);
      f("config_type", x.config_type, since(3));
      f("documentation", x.documentation, since(3));
    }
  };

  struct result {
    error_code error = error_code::none;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<resource_result> configs;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("error_message", x.error_message);
      f("resource_type", x.resource_type);
      f("resource_name", x.resource_name);
      f("configs", x.configs);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<result> results;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("results", x.results);
  }
};

} // namespace chisme::kafka
