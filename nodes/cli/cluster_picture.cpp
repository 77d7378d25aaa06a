#include "nodes/cli/cluster_picture.hpp"

#include <algorithm>
#include <set>

namespace chisme::cli {

namespace {

using kafka::metadata_response;

struct word {
  const metadata_response::partition* partition;
  bool is_leaders;

  bool counts_more_than(const word& other) const {
    return std::pair{partition->leader_epoch, is_leaders} > std::pair{other.partition->leader_epoch, other.is_leaders};
  }
};

/// What counts of a topic's partitions.
struct topic_words {
  uuid id;
  std::map<int32_t, word> partitions;
};

class words_of_nodes {
public:
  explicit words_of_nodes(const metadata_response& asked) {
    for (auto& t : asked.topics) {
      auto& words = topics_[t.name.value_or("")];
      words.id = t.topic_id;
      for (auto& p : t.partitions)
        words.partitions.emplace(p.partition_index, word{&p, false});
    }
  }

  void hear(int32_t from, const metadata_response& told) {
    for (auto& t : told.topics)
      if (auto known = topics_.find(t.name.value_or("")); known != topics_.end() && known->second.id == t.topic_id)
        hear(from, t, known->second);
  }

  const std::map<std::string, topic_words>& topics() const { return topics_; }

private:
  static void hear(int32_t from, const metadata_response::topic& told, topic_words& known) {
    for (auto& p : told.partitions) {
      const word said{&p, p.leader_id == from};
      if (auto i = known.partitions.find(p.partition_index);
          i != known.partitions.end() && said.counts_more_than(i->second))
        i->second = said;
    }
  }

  std::map<std::string, topic_words> topics_;
};

std::vector<partition_picture> partitions_of(const cluster_answers& answers) {
  words_of_nodes words{answers.metadata};
  for (auto& [id, told] : answers.listed)
    if (told)
      words.hear(id, *told);
  std::vector<partition_picture> partitions;
  for (auto& [name, topic] : words.topics()) {
    const auto min = answers.min_in_sync.find(name);
    for (auto& [index, said] : topic.partitions) {
      const auto& p = *said.partition;
      partitions.push_back({{name, index},
                            p.leader_id,
                            p.replica_nodes,
                            p.leader_id < 0 ? std::vector<int32_t>{} : p.isr_nodes,
                            min == answers.min_in_sync.end() ? 1 : min->second});
    }
  }
  return partitions;
}

bool contains(const std::vector<int32_t>& nodes, int32_t id) { return std::ranges::find(nodes, id) != nodes.end(); }

/// Why it is not reached; empty where it is.
std::string problem_of(const result<metadata_response>& told, const std::string& cluster_id) {
  if (!told)
    return told.error().message;
  const auto id = told->cluster_id.value_or(cluster_id);
  return id == cluster_id ? "" : "a node of another cluster answers there, " + id;
}

std::map<int32_t, node_picture> listed_nodes(const cluster_answers& answers) {
  std::map<int32_t, node_picture> nodes;
  for (auto& b : answers.cluster.brokers) {
    auto& n = nodes[b.broker_id];
    n.id = b.broker_id;
    n.address = b.host + ":" + std::to_string(b.port);
    n.rack = b.rack.value_or("");
    const auto told = answers.listed.find(b.broker_id);
    n.problem = told == answers.listed.end() ? "was not asked" : problem_of(told->second, answers.cluster.cluster_id);
    n.state = n.problem.empty() ? node_state::up : node_state::not_reached;
  }
  return nodes;
}

/// Adds it as a node that is gone where it is not listed.
node_picture& at(std::map<int32_t, node_picture>& nodes, int32_t id) {
  auto& n = nodes[id];
  n.id = id;
  return n;
}

void share_out(std::map<int32_t, node_picture>& nodes, const partition_picture& p) {
  std::vector<node_picture*> there;
  for (auto id : p.replicas)
    if (auto& n = at(nodes, id); n.state != node_state::gone)
      there.push_back(&n);
  for (auto* n : there)
    n->even_share += 1.0 / static_cast<double>(there.size());
}

void count(std::map<int32_t, node_picture>& nodes, const partition_picture& p) {
  for (auto id : p.replicas) {
    auto& n = at(nodes, id);
    ++n.replicas;
    if (p.is_led() && !contains(p.in_sync, id))
      ++n.out_of_sync;
  }
  if (!p.is_led())
    return;
  ++at(nodes, p.leader).leads;
  share_out(nodes, p);
}

void note_unseen(std::map<int32_t, node_picture>& nodes, const cluster_answers& answers) {
  for (auto& [id, n] : nodes) {
    if (n.state != node_state::up)
      continue;
    const auto& listed = answers.listed.at(id)->brokers;
    for (auto& [other, x] : nodes)
      if (x.state == node_state::up &&
          std::ranges::find(listed, other, &metadata_response::broker::node_id) == listed.end())
        n.unseen.push_back(other);
  }
}

} // namespace

std::string to_string(node_state state) {
  switch (state) {
    case node_state::up:
      return "up";
    case node_state::not_reached:
      return "not reached";
    case node_state::gone:
      return "gone";
  }
  return "?";
}

const node_picture* cluster_picture::find(int32_t node) const {
  const auto found = std::ranges::find(nodes, node, &node_picture::id);
  return found == nodes.end() ? nullptr : &*found;
}

cluster_picture picture_of(const cluster_answers& answers) {
  cluster_picture picture{answers.cluster.cluster_id, answers.asked, answers.cluster.controller_id, {}, {}};
  picture.partitions = partitions_of(answers);
  auto nodes = listed_nodes(answers);
  for (auto& p : picture.partitions)
    count(nodes, p);
  note_unseen(nodes, answers);
  for (auto& [id, n] : nodes)
    picture.nodes.push_back(std::move(n));
  return picture;
}

} // namespace chisme::cli
