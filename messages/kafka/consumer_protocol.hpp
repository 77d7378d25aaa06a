// What consumers of a classic group tell each other through JoinGroup and SyncGroup: which topics they want,
// and which partitions they got. The broker reads it only to know a group's topics.
//
// On the wire a version (int16) stands before the message. Fields of newer versions come last, so that an old
// reader ignores them.
#pragma once

#include "messages/buffer.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::never;
using wire::since;

struct consumer_protocol_subscription {
  static constexpr std::string_view type_name = "consumer_protocol_subscription";
  static constexpr int16_t min_version = 0, max_version = 3, flexible_since = wire::never;

  struct topic_partition {
    std::string topic;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic);
      f("partitions", x.partitions);
    }
  };

  std::vector<std::string> topics;
  std::optional<buffer> user_data;
  std::vector<topic_partition> owned_partitions;
  int32_t generation_id = -1;
  std::optional<std::string> rack_id;

  static void visit(auto& f, auto& x) {
    f("topics", x.topics);
    f("user_data", x.user_data);
    f("owned_partitions", x.owned_partitions, since(1));
    f("generation_id", x.generation_id, since(2));
    f("rack_id", x.rack_id, since(3));
  }
};

struct consumer_protocol_assignment {
  static constexpr std::string_view type_name = "consumer_protocol_assignment";
  static constexpr int16_t min_version = 0, max_version = 3, flexible_since = wire::never;

  struct topic_partition {
    std::string topic;
    std::vector<int32_t> partitions;

    static void visit(auto& f, auto& x) {
      f("topic", x.topic);
      f("partitions", x.partitions);
    }
  };

  std::vector<topic_partition> assigned_partitions;
  std::optional<buffer> user_data;

  static void visit(auto& f, auto& x) {
    f("assigned_partitions", x.assigned_partitions);
    f("user_data", x.user_data);
  }
};

} // namespace chisme::kafka
