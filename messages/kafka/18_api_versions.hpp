// ApiVersions (key 18), versions 0 to 4.
//
// 1        throttle time
// 3        flexible; the client's name and version; features
// 4        supported features may start at version 0
//
// The answer always has header version 0, since a client must be able to read it before it knows anything. A
// request of an unknown version is answered in version 0 with UNSUPPORTED_VERSION.
#pragma once

#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::since;

struct api_versions_request {
  static constexpr std::string_view type_name = "api_versions_request";
  static constexpr api_key api = api_key::api_versions;
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 3;

  std::string client_software_name;
  std::string client_software_version;

  static void visit(auto& f, auto& x) {
    f("client_software_name", x.client_software_name, since(3));
    f("client_software_version", x.client_software_version, since(3));
  }
};

struct api_versions_response {
  static constexpr std::string_view type_name = "api_versions_response";
  static constexpr api_key api = api_key::api_versions;
  static constexpr int16_t min_version = 0, max_version = 4, flexible_since = 3;

  struct api_version {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;

    static void visit(auto& f, auto& x) {
      f("api_key", x.api_key);
      f("min_version", x.min_version);
      f("max_version", x.max_version);
    }
  };

  struct supported_feature_key {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("min_version", x.min_version);
      f("max_version", x.max_version);
    }
  };

  struct finalized_feature_key {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("max_version_level", x.max_version_level);
      f("min_version_level", x.min_version_level);
    }
  };

  error_code error = error_code::none;
  std::vector<api_version> api_keys;
  int32_t throttle_time_ms = 0;
  std::vector<supported_feature_key> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<finalized_feature_key> finalized_features;
  bool zk_migration_ready = false;

  static void visit(auto& f, auto& x) {
    f("error_code", x.error);
    f("api_keys", x.api_keys);
    f("throttle_time_ms", x.throttle_time_ms, since(1));
    f.tag(0, "supported_features", x.supported_features, since(3));
    f.tag(1, "finalized_features_epoch", x.finalized_features_epoch, since(3), int64_t{-1});
    f.tag(2, "finalized_features", x.finalized_features, since(3));
    f.tag(3, "zk_migration_ready", x.zk_migration_ready, since(3));
  }
};

} // namespace chisme::kafka
