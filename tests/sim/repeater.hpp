// What a node's connection does for a client: heartbeats whose answer stands are answered without the coordinator, see
// actors/groups/standing_answer.hpp.
#pragma once

#include "tests/sim/classic_client.hpp"

namespace chisme::test {

class repeater {
public:
  void came(const classic_client::outgoing& request, const groups::answer& a);
  /// The answer, where this is the request of before and its answer still stands.
  std::optional<groups::group_response> repeat(const classic_client::outgoing& request, timestamp_ms now);
  /// Another connection.
  void forget() { kept_.reset(); }

private:
  struct reply {
    std::string request; ///< as it stands in the frame
    groups::group_response response;
    groups::standing_answer_ptr right;
  };
  std::optional<reply> kept_;
};

/// Whether the coordinator, if it had been asked, would have said the same and nothing else.
bool answers_alike(groups::group_shard& shard, const classic_client::outgoing& what,
                   const groups::group_response& repeated, const groups::topic_catalog& topics, timestamp_ms now);

} // namespace chisme::test
