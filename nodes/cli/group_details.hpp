// All that the cluster tells about a consumer group, of either protocol, put together from FindCoordinator,
// DescribeGroups or ConsumerGroupDescribe, OffsetFetch and ListOffsets.
#pragma once

#include "nodes/cli/kafka_client.hpp"
#include "nodes/cli/topic_details.hpp"

#include <chrono>
#include <set>
#include <thread>

namespace chisme::cli {

/// OffsetCommit and OffsetFetch up to this version name topics, newer ones say their ids.
inline constexpr int16_t offsets_by_name = 9;

struct group_member {
  std::string id;
  std::optional<std::string> instance;
  std::string client_id;
  std::string host;
  std::set<topic_partition> partitions;
};

struct group_details {
  std::string name;
  std::string type; ///< "classic" or "consumer"
  std::string state;
  std::string assignor;
  int32_t coordinator = -1;
  std::vector<group_member> members;
  std::map<topic_partition, int64_t> committed;
  std::vector<topic_details> topics; ///< those that are read or were committed

  /// Every partition that somebody has, or that something was committed for.
  std::set<topic_partition> partitions() const;
  const group_member* owner_of(const topic_partition& tp) const;
  const partition_details* find(const topic_partition& tp) const;
  /// Records that were not confirmed yet; nullopt where the end or the commit is not known.
  std::optional<int64_t> lag_of(const topic_partition& tp) const;
};

/// "worker-1 (client at 10.0.0.7), ...": who is in the group.
std::string names_of(const group_details&);

/// Asks again while the answer is that a coordinator is loading, moving or starting, for as long as one answer may
/// take. `ask` gives a result.
auto patiently(cluster& nodes, const auto& ask) {
  const auto end = std::chrono::steady_clock::now() + nodes.timeout();
  for (;;) {
    auto answer = ask();
    const auto code = answer ? error_code::none : answer.error().code;
    const bool not_yet = code == error_code::coordinator_load_in_progress ||
                         code == error_code::coordinator_not_available || code == error_code::not_coordinator;
    if (!not_yet || std::chrono::steady_clock::now() > end)
      return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

/// The node that coordinates the group, once it is ready to.
result<kafka_client*> coordinator_of(cluster& nodes, const std::string& group, int32_t* id = nullptr);

/// Fails with group_id_not_found where there is no such group.
result<group_details> group_details_of(cluster& nodes, const std::string& group);

} // namespace chisme::cli
