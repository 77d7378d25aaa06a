// The records of the cluster's metadata log, `__cluster`.
//
// Each record is the whole state of one thing under the key of that thing: a topic, the node configs, the
// configs of a group, the producer id counter. An empty value removes it. So the log may be compacted like any other, a
// compacted log is a snapshot, and replay is: put or erase.
//
// key   = int16 version (0) | int16 kind | uuid id (zero where there is only one) | a group's name, tagged
// value = int16 version | fields (tagged fields may follow: a newer node's additions are skipped by an older one)
#pragma once

#include "actors/journal/entry.hpp"
#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/internal_topics.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chisme::coordinator {

struct topic_state {
  std::string name;
  uuid id;
  /// By partition: the nodes that hold a replica, the preferred leader first.
  std::vector<std::vector<node_id>> replicas;
  /// Only what was set; the rest is inherited from the node.
  std::map<std::string, std::string> configs;
  /// By partition: the data folder that each replica was given to, in the order of the replicas; zero, or none at all,
  /// where that is not known. A node that has another one by now has lost what the replica held.
  std::vector<std::vector<uuid>> folders{};

  /// Zero where it is not known.
  uuid folder_of(size_t partition, node_id node) const;

  bool internal() const { return internal_topics::contain(name); }
  friend bool operator==(const topic_state&, const topic_state&) = default;
};

/// Put the topic, or remove it.
struct topic_record {
  uuid id;
  std::optional<topic_state> state;
  friend bool operator==(const topic_record&, const topic_record&) = default;
};

/// The configs set for all nodes at run time (BROKER resources), all of them.
struct node_configs_record {
  std::map<std::string, std::string> configs;
  friend bool operator==(const node_configs_record&, const node_configs_record&) = default;
};

/// What a consumer group sets itself, all of it; empty: nothing any more. The group need not exist.
struct group_configs_record {
  std::string group;
  std::map<std::string, std::string> configs;
  friend bool operator==(const group_configs_record&, const group_configs_record&) = default;
};

/// Producer ids below `next` have been handed out, the last block of them to a node.
struct producer_ids_record {
  int64_t next = 0;
  node_id owner = -1;
  friend bool operator==(const producer_ids_record&, const producer_ids_record&) = default;
};

using cluster_record = std::variant<topic_record, node_configs_record, group_configs_record, producer_ids_record>;

journal::entry encode(const cluster_record& record);

/// nullopt for a kind that this version does not know; an error for bytes that do not parse.
result<std::optional<cluster_record>> decode(const buffer& key, const std::optional<buffer>& value);

} // namespace chisme::coordinator
