// Decisions of the coordinator, as (records, answer); nothing changes until the test applies the records.
#pragma once

#include "actors/coordinator/operations.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {

using namespace chisme::coordinator;

class coordinator_test : public ::testing::Test {
protected:
  /// The n-th id that is handed out.
  static uuid id(uint8_t n) {
    uuid made;
    made.bytes[15] = n;
    return made;
  }

  template <class Request>
  decision run(const Request& r) {
    return decide(state_, {settings_, nodes_, [this] { return id(++last_id_); }, {}, -1, folders_}, r);
  }

  void apply(const decision& d) {
    for (const auto& r : d.records)
      state_.apply(r);
  }

  /// A topic that is there, with one replica on node 1 for each partition.
  topic_state add(const std::string& name, size_t partitions = 1, std::map<std::string, std::string> configs = {}) {
    topic_state topic{name, id(static_cast<uint8_t>(100 + state_.topics().size())),
                      std::vector<std::vector<node_id>>(partitions, {1}), std::move(configs)};
    state_.apply(topic_record{topic.id, topic});
    return topic;
  }

  cluster_state state_;
  node_settings settings_;
  std::vector<node_id> nodes_{1};
  std::map<node_id, uuid> folders_;
  uint8_t last_id_ = 0;
};

} // namespace chisme::testing
