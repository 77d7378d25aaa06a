// JoinGroup (key 11), versions 0 to 9.
//
// 1        rebalance timeout
// 4        a new member gets its id first (MEMBER_ID_REQUIRED) and joins with it
// 5        static members
// 6        flexible
// 7        the answer names the type and, where there is one, the protocol
// 8        why the member joins
// 9        the leader may be told to skip the assignment
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/kafka/api.hpp"
#include "messages/wire/versions.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::kafka {

using wire::nullable_since;
using wire::since;

/// `session_timeout_ms` stands for the rebalance timeout too where that is -1.
struct join_group_request {
  static constexpr std::string_view type_name = "join_group_request";
  static constexpr api_key api = api_key::join_group;
  static constexpr int16_t min_version = 0, max_version = 9, flexible_since = 6;

  struct protocol {
    std::string name;
    buffer metadata;

    static void visit(auto& f, auto& x) {
      f("name", x.name);
      f("metadata", x.metadata);
    }
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<protocol> protocols;
  std::optional<std::string> reason;

  static void visit(auto& f, auto& x) {
    f("group_id", x.group_id);
    f("session_timeout_ms", x.session_timeout_ms);
    f("rebalance_timeout_ms", x.rebalance_timeout_ms, since(1));
    f("member_id", x.member_id);
    f("group_instance_id", x.group_instance_id, since(5));
    f("protocol_type", x.protocol_type);
    f("protocols", x.protocols);
    f("reason", x.reason, since(8));
  }
};

/// `members` is filled for the leader only.
struct join_group_response {
  static constexpr std::string_view type_name = "join_group_response";
  static constexpr api_key api = api_key::join_group;
  static constexpr int16_t min_version = 0, max_version = 9, flexible_since = 6;

  struct member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    buffer metadata;

    static void visit(auto& f, auto& x) {
      f("member_id", x.member_id);
      f("group_instance_id", x.group_instance_id, since(5));
      f("metadata", x.metadata);
    }
  };

  int32_t throttle_time_ms = 0;
  error_code error = error_code::none;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<member> members;

  static void visit(auto& f, auto& x) {
    f("throttle_time_ms", x.throttle_time_ms, since(2));
    f("error_code", x.error);
    f("generation_id", x.generation_id);
    f("protocol_type", x.protocol_type, since(7));
    f("protocol_name", x.protocol_name, nullable_since(7));
    f("leader", x.leader);
    f("skip_assignment", x.skip_assignment, since(9));
    f("member_id", x.member_id);
    f("members", x.members);
  }
};

} // namespace chisme::kafka
