// What one can ask the coordinator of a group, and how.
#pragma once

#include "actors/groups/group_request.hpp"
#include "actors/groups/machine.hpp"
#include "actors/port.hpp"
#include "actors/reply.hpp"
#include "messages/internal_topics.hpp"

#include <memory>
#include <optional>

namespace chisme::groups {

inline constexpr std::string_view offsets_topic = internal_topics::consumer_offsets;

struct group_answer {
  /// none: `response` is set, and may hold errors of its own. Otherwise the coordinator could not be asked.
  error_code code = error_code::none;
  std::optional<group_response> response;

  static group_answer failed(error_code code) { return {code, std::nullopt}; }
  static group_answer lost() { return failed(error_code::not_coordinator); }
};

/// One request. Answered when all that was decided before it is committed; JoinGroup and SyncGroup when the group has
/// come together.
struct group_call {
  std::string client_id;
  std::string client_host; ///< as Kafka shows it: "/127.0.0.1"
  int16_t version = 0;     ///< of the request
  group_request request;
  reply<group_answer> done;
};

using port = chisme::port<group_call>;
using port_ptr = std::shared_ptr<port>;

} // namespace chisme::groups
