// Codecs of the messages about what the cluster looks like.
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/18_api_versions.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"
#include "messages/kafka/60_describe_cluster.hpp"
#include "messages/kafka/75_describe_topic_partitions.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(kafka::metadata_request)
CHISME_INSTANTIATE_CODEC(kafka::metadata_response)
CHISME_INSTANTIATE_CODEC(kafka::find_coordinator_request)
CHISME_INSTANTIATE_CODEC(kafka::find_coordinator_response)
CHISME_INSTANTIATE_CODEC(kafka::api_versions_request)
CHISME_INSTANTIATE_CODEC(kafka::api_versions_response)
CHISME_INSTANTIATE_CODEC(kafka::describe_log_dirs_request)
CHISME_INSTANTIATE_CODEC(kafka::describe_log_dirs_response)
CHISME_INSTANTIATE_CODEC(kafka::describe_cluster_request)
CHISME_INSTANTIATE_CODEC(kafka::describe_cluster_response)
CHISME_INSTANTIATE_CODEC(kafka::describe_topic_partitions_request)
CHISME_INSTANTIATE_CODEC(kafka::describe_topic_partitions_response)

} // namespace chisme
