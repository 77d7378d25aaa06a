// What the nodes of a cluster say when they are asked how it is. Nothing is concluded here: see cluster_picture.hpp.
#pragma once

#include "messages/kafka/60_describe_cluster.hpp"
#include "nodes/cli/kafka_client.hpp"

namespace chisme::cli {

/// `cluster`, `metadata` and `min_in_sync` come from the node that was asked. A listed node's own metadata tells what
/// only it knows: who is in sync of what it leads.
struct cluster_answers {
  std::string asked; ///< host:port
  kafka::describe_cluster_response cluster;
  kafka::metadata_response metadata;
  std::map<std::string, size_t> min_in_sync;                  ///< min.insync.replicas, by topic
  std::map<int32_t, result<kafka::metadata_response>> listed; ///< of each node in `cluster`, or why it is not reached
};

/// Asks any node, and then every node that this one lists, all of them at once and each over a new connection. Fails
/// only where the first one does not answer.
result<cluster_answers> ask_cluster(cluster& nodes, const std::string& asked);

} // namespace chisme::cli
