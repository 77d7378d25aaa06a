// IncrementalAlterConfigs (key 44), versions 0 to 1.
//
// 1        flexible
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

/// `config_operation`: 0 set, 1 delete, 2 append to a list, 3 subtract from a list.
struct incremental_alter_configs_request {
  static constexpr std::string_view type_name = "incremental_alter_configs_request";
  static constexpr api_key api = api_key::incremental_alter_configs;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 1;

  struct alterable_config {
    std::string name;
    int8_t config_operation = 0;
    std::optional<std::string> value;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("config_operation", x.config_operation);
      f("value", x.value);
    }
  };

  struct alter_configs_resource {
    int8_t resource_type = 0;
    std::string resource_name;
    std::vector<alterable_config> configs;

    static void visit(auto& f, auto& x) {
      f("resource_type", x.resource_type);
      f("resource_name", x.resource_name);
      f("configs", x.configs);
    }
  };

  std::vector<alter_configs_resource> resources;
  bool validate_only = false;

  static void visit(auto& f, auto& x) {
    f("resources", x.resources);
    f("validate_only", x.validate_only);
  }
};

struct incremental_alter_configs_response {
  static constexpr std::string_view type_name = "incremental_alter_configs_response";
  static constexpr api_key api = api_key::incremental_alter_configs;
  static constexpr int16_t min_version = 0, max_version = 1, flexible_since = 1;

  struct alter_configs_resource_response {
    error_code error = error_code::none;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;
    std::string resource_name;

    static void visit(auto& f, auto& x) {
      f("error_code", x.error);
      f("error_message", x.error_message);
      f("resource_type", x.resource_type);
      f("resource_name", x.resource_name);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<alter_configs_resource_response> responses;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms);
    f("responses", x.responses);
  }
};

} // namespace chisme::kafka
