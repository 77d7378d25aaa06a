// The records of the cluster's metadata log on disk, in the same notation as Kafka's messages.
//
// Flexible from the first version: a field may be added as a tagged one, and an older node skips it.
#pragma once

#include "messages/ids.hpp"
#include "messages/wire/versions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace chisme::cluster {

/// Numbers on disk: never reused.
enum record_kind : int16_t { topic_kind = 1, node_configs_kind = 2, producer_ids_kind = 3, group_configs_kind = 4 };

struct record_key {
  static constexpr std::string_view type_name = "cluster_record_key";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int16_t kind = 0;
  uuid id;          ///< zero for kinds of which there is one, and for those that go by their name
  std::string name; ///< of a group

  static void visit(auto& f, auto& x) {
    f("kind", x.kind);
    f("id", x.id);
    f.tag(0, "name", x.name);
  }
};

struct config_entry {
  std::string name;
  std::string value;

  static void visit(auto& f, auto& x) {
    f("name", x.name);
    f("value", x.value);
  }
};

struct topic_value {
  static constexpr std::string_view type_name = "cluster_topic";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  struct partition {
    std::vector<int32_t> replicas;
    std::vector<uuid> folders; ///< that the replicas were given to, in their order; none: not known

    static void visit(auto& f, auto& x) {
      f("replicas", x.replicas);
      f.tag(0, "folders", x.folders);
    }
  };

  std::string name;
  std::vector<partition> partitions;
  std::vector<config_entry> configs;

  static void visit(auto& f, auto& x) {
    f("name", x.name);
    f("partitions", x.partitions);
    f("configs", x.configs);
  }
};

struct node_configs_value {
  static constexpr std::string_view type_name = "cluster_node_configs";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  std::vector<config_entry> configs;

  static void visit(auto& f, auto& x) { f("configs", x.configs); }
};

struct group_configs_value {
  static constexpr std::string_view type_name = "cluster_group_configs";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  std::vector<config_entry> configs;

  static void visit(auto& f, auto& x) { f("configs", x.configs); }
};

struct producer_ids_value {
  static constexpr std::string_view type_name = "cluster_producer_ids";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int64_t next = 0;
  int32_t owner = -1; ///< the node that has the last block; -1: written before there were others

  static void visit(auto& f, auto& x) {
    f("next", x.next);
    f.tag(0, "owner", x.owner, {}, -1);
  }
};

} // namespace chisme::cluster
