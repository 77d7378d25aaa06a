// A cluster as its nodes' answers together show it: who is there, who leads and holds what, and who is behind.
#pragma once

#include "nodes/cli/cluster_answers.hpp"

namespace chisme::cli {

enum class node_state {
  up,          ///< it is listed and answers
  not_reached, ///< it is listed, and does not answer here
  gone,        ///< it holds replicas and is not listed
};

std::string to_string(node_state state);

struct node_picture {
  int32_t id = -1;
  node_state state = node_state::gone;
  std::string address; ///< host:port, empty where nobody knows
  std::string rack;    ///< empty: none
  std::string problem; ///< why it is not reached
  size_t leads = 0;
  double even_share = 0; ///< of all that is led, if replicas whose nodes are not gone took turns
  size_t replicas = 0;
  size_t out_of_sync = 0;        ///< of its replicas, where somebody leads and knows
  std::vector<int32_t> unseen{}; ///< nodes that are up and that it does not list
};

struct partition_picture {
  topic_partition name;
  int32_t leader = -1; ///< -1: nobody
  std::vector<int32_t> replicas;
  std::vector<int32_t> in_sync; ///< empty without a leader
  size_t min_in_sync = 1;

  bool is_led() const { return leader >= 0; }
  bool is_in_sync() const { return is_led() && in_sync.size() >= replicas.size(); }
  /// Records with acks=all are refused.
  bool is_below_min() const { return is_led() && in_sync.size() < min_in_sync; }
};

struct cluster_picture {
  std::string id;
  std::string asked;       ///< host:port of the node that was asked first
  int32_t controller = -1; ///< -1: nobody is known
  std::vector<node_picture> nodes;
  std::vector<partition_picture> partitions; ///< in order of their names

  const node_picture* find(int32_t node) const;
};

/// Of what the answers say of a partition the highest epoch counts, and of those its leader's word, who alone knows who
/// is in sync. Topics that the node asked does not know are left out.
cluster_picture picture_of(const cluster_answers& answers);

} // namespace chisme::cli
