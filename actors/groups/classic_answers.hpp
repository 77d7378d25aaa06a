// Answers to requests of the classic protocol that hold an error and nothing else.
#pragma once

#include "actors/groups/machine.hpp"

namespace chisme::groups {

inline kafka::join_group_response join_refused(error_code code, std::string member_id) {
  kafka::join_group_response r;
  r.error = code;
  r.member_id = std::move(member_id);
  return r;
}

inline kafka::sync_group_response sync_refused(error_code code) {
  kafka::sync_group_response r;
  r.error = code;
  return r;
}

} // namespace chisme::groups
