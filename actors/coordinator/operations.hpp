// What the coordinator decides: from the state and a request to (records to append, answer). Pure.
//
// The state is not touched here: it changes when the records are committed and replayed. The shape is Kafka's
// CoordinatorResult; one file per group of requests.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/coordinator/messages.hpp"
#include "config/node_settings.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace chisme::coordinator {

struct decision {
  std::vector<cluster_record> records; ///< committed together, or not at all
  change_response response;
};

/// What decisions depend on besides the metadata.
struct decision_context {
  const node_settings& settings;          ///< with run-time changes on top
  std::vector<node_id> nodes;             ///< that replicas can be put on, sorted
  std::function<uuid()> new_id;           ///< never the same twice, never zero
  std::map<node_id, std::string> racks{}; ///< of the nodes that are in one
  node_id asking = -1;                    ///< the node that takes a block of producer ids
  std::map<node_id, uuid> folders{};      ///< the data folders of the nodes, of those that say so
};

/// Partitions one topic may have; more are refused with a message. Each costs open files on every replica.
inline constexpr int32_t max_partitions_per_topic = 10'000;

/// Partitions that one request may add, over all its topics (Kafka's MAX_PARTITIONS_PER_BATCH): a few bytes of a
/// request must not become any amount of state. More are refused with POLICY_VIOLATION.
inline constexpr size_t max_partitions_per_request = 10'000;

/// How many producer ids are taken from the log at a time: one append for so many idempotent producers.
inline constexpr int64_t producer_id_block = 1000;

decision decide(const cluster_state&, const decision_context&, const change_request&);

decision decide(const cluster_state&, const decision_context&, const kafka::create_topics_request&);
decision decide(const cluster_state&, const decision_context&, const kafka::delete_topics_request&);
decision decide(const cluster_state&, const decision_context&, const kafka::create_partitions_request&);
decision decide(const cluster_state&, const decision_context&, const kafka::alter_configs_request&);
decision decide(const cluster_state&, const decision_context&, const kafka::incremental_alter_configs_request&);
/// Answers with the first id of a block of producer_id_block.
decision decide(const cluster_state&, const decision_context&, const kafka::init_producer_id_request&);

/// What is wrong with a topic's name, in words; nullopt where nothing is (Kafka's Topic.validate).
std::optional<std::string> invalid_topic_name(std::string_view name);

/// The metadata log itself: no client creates, alters or deletes it.
inline constexpr std::string_view metadata_topic = internal_topics::metadata;

} // namespace chisme::coordinator
