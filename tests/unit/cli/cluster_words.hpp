// Answers of a cluster's nodes, made up.
#pragma once

#include "nodes/cli/cluster_answers.hpp"

#include <algorithm>

namespace chisme::test {

/// Every node that is listed answers what the first one does, until something else is said. Node 1 is asked at
/// 10.0.0.1:9092.
class cluster_words {
public:
  using partition = kafka::metadata_response::partition;

  explicit cluster_words(const std::vector<int32_t>& listed) {
    told_.asked = "10.0.0.1:9092";
    told_.cluster.cluster_id = "chisme-1";
    told_.cluster.controller_id = 1;
    told_.metadata.cluster_id = "chisme-1";
    for (auto id : listed) {
      const auto host = "10.0.0." + std::to_string(id);
      told_.cluster.brokers.push_back({id, host, 9092, std::nullopt, false});
      told_.metadata.brokers.push_back({id, host, 9092, std::nullopt});
    }
  }

  /// Partitions of a topic that have the same replicas, one for each leader.
  cluster_words& topic(const std::string& name, const std::vector<int32_t>& leaders,
                       const std::vector<int32_t>& replicas, const std::vector<int32_t>& in_sync) {
    auto& t = told_.metadata.topics.emplace_back();
    t.name = name;
    for (auto leader : leaders)
      t.partitions.push_back(
        {error_code::none, static_cast<int32_t>(t.partitions.size()), leader, 5, replicas, in_sync, {}});
    return *this;
  }
  cluster_words& min_in_sync(const std::string& topic, size_t number) {
    told_.min_in_sync[topic] = number;
    return *this;
  }
  cluster_words& rack(int32_t id, const std::string& rack) {
    std::ranges::find(told_.cluster.brokers, id, &kafka::describe_cluster_response::broker::broker_id)->rack = rack;
    return *this;
  }
  cluster_words& controller(int32_t id) {
    told_.cluster.controller_id = id;
    return *this;
  }
  cluster_words& not_reached(int32_t id, const std::string& why) {
    told_.listed.insert_or_assign(id, fail(error_code::network_exception, why));
    return *this;
  }
  /// What a node says itself, from what the first one says.
  kafka::metadata_response& own(int32_t id) {
    return told_.listed.try_emplace(id, told_.metadata).first->second.value();
  }

  cli::cluster_answers answers() const {
    auto all = told_;
    for (auto& b : told_.cluster.brokers)
      all.listed.try_emplace(b.broker_id, told_.metadata);
    return all;
  }

private:
  cli::cluster_answers told_;
};

} // namespace chisme::test
