// What the machines of a group coordinator take and give.
//
// A machine is told of a request or of the time, and says which records are to be appended to its partition of
// `__consumer_offsets` and which answers are to be given. Records are applied as soon as they are decided (apply() is
// the only way that what outlives a restart changes), the answers leave when everything that was decided before them
// is committed. Where an append fails the coordinator is thrown away and made anew from its partition.
#pragma once

#include "messages/ids.hpp"
#include "messages/kafka/08_offset_commit.hpp"
#include "messages/kafka/09_offset_fetch.hpp"
#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/13_leave_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "messages/kafka/15_describe_groups.hpp"
#include "messages/kafka/16_list_groups.hpp"
#include "messages/kafka/42_delete_groups.hpp"
#include "messages/kafka/47_offset_delete.hpp"
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "messages/kafka/69_consumer_group_describe.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace chisme::groups {

/// Names a request that is owed an answer; each is answered once.
using ticket = uint64_t;

/// Who asks.
struct asker {
  ticket to = 0;
  std::string client_id;
  std::string client_host; ///< as Kafka shows it: "/127.0.0.1"
  int16_t version = 0;     ///< of the request
};

using group_response =
  std::variant<kafka::join_group_response, kafka::sync_group_response, kafka::heartbeat_response,
               kafka::leave_group_response, kafka::offset_commit_response, kafka::offset_fetch_response::group,
               kafka::offset_delete_response, kafka::describe_groups_response::described_group,
               kafka::list_groups_response, kafka::delete_groups_response::deletable_group_result,
               kafka::consumer_group_heartbeat_response, kafka::consumer_group_describe_response::described_group>;

struct answer {
  ticket to = 0;
  group_response response;
};

} // namespace chisme::groups
