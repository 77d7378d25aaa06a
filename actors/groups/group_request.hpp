// What one can ask about one group.
#pragma once

#include "actors/groups/machine.hpp"

namespace chisme::groups {

/// One group of a DescribeGroups, DeleteGroups or ConsumerGroupDescribe.
struct describe_group_request {
  std::string group_id;
  bool include_authorized_operations = false;
};
struct delete_group_request {
  std::string group_id;
};
struct describe_consumer_group_request {
  std::string group_id;
  bool include_authorized_operations = false;
};

/// Requests about one group each; what a client asks about many is split before it gets to a coordinator.
using group_request =
  std::variant<kafka::join_group_request, kafka::sync_group_request, kafka::heartbeat_request,
               kafka::leave_group_request, kafka::offset_commit_request, kafka::offset_fetch_request::group,
               kafka::offset_delete_request, describe_group_request, delete_group_request, kafka::list_groups_request,
               kafka::consumer_group_heartbeat_request, describe_consumer_group_request>;

} // namespace chisme::groups
