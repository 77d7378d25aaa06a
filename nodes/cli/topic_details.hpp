// All that the cluster tells about topics, put together from Metadata, ListOffsets, DescribeLogDirs and
// DescribeConfigs.
#pragma once

#include "messages/kafka/32_describe_configs.hpp"
#include "nodes/cli/kafka_client.hpp"

namespace chisme::cli {

struct partition_details {
  kafka::metadata_response::partition state;
  std::optional<int64_t> earliest; ///< offsets and size: nullopt where the leader did not tell
  std::optional<int64_t> latest;
  std::optional<int64_t> bytes; ///< of the leader's copy
  std::string problem;          ///< why something is missing; empty where nothing is
};

struct topic_details {
  std::string name;
  uuid id;
  bool internal = false;
  error_code error = error_code::none;
  std::vector<partition_details> partitions;                              ///< in order of their numbers
  std::vector<kafka::describe_configs_response::resource_result> configs; ///< those set for the topic itself
};

/// The topics of these names, all but internal ones where `names` is empty, in order of their names. Fails
/// only where nothing at all can be told; a leader that cannot be reached is a problem of its partitions.
result<std::vector<topic_details>> topic_details_of(cluster& nodes, const std::vector<std::string>& names);

/// What ListOffsets says of a time for each partition of these topics; partitions without an answer, or without such a
/// record, are missing.
result<std::map<topic_partition, int64_t>> offsets_at(cluster& nodes, std::vector<topic_details> topics,
                                                      int64_t timestamp);

} // namespace chisme::cli
