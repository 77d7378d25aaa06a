// What a node's supervision has to say to people, as a value and as a line of the log. That a replica is given up is
// said by the replica, which knows why and what cures it.
#pragma once

#include "messages/ids.hpp"

#include <chrono>
#include <string>

namespace chisme::supervisor {

struct notice {
  enum class event : uint8_t {
    replica_died,        ///< of a broken invariant, or of a log that must be opened anew
    replica_cannot_open, ///< and another attempt may succeed; told once for each reason
    replica_opened_at_last,
    groups_died,  ///< the coordinator of a partition's groups
    folder_stays, ///< of a deleted topic; told once
    folder_gone_at_last,
    topic_configs_ignored, ///< they were good when they were set: the node has other bounds by now
    group_configs_ignored,
  };

  event what{};
  std::string subject{}; ///< a partition or a topic; of group_configs_ignored how many groups
  std::string reason{};
  std::chrono::milliseconds next_attempt_in{};

  friend bool operator==(const notice&, const notice&) = default;
};

/// Nothing for people to do.
bool is_good_news(const notice& n);
std::string text_of(const notice& n);

} // namespace chisme::supervisor
