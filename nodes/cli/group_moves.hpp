// What `chisme group reset` does to one partition after the other: which ones are meant, where to, and how it went.
#pragma once

#include "nodes/cli/group_details.hpp"

namespace chisme::cli {

/// One of --to-earliest, --to-latest, --to-offset, --to-time, --shift-by.
struct reset_target {
  enum class kind { earliest, latest, offset, time, shift };
  kind how = kind::earliest;
  int64_t value = 0; ///< the offset, the time or by how much
};

struct offset_move {
  topic_partition what;
  std::optional<int64_t> from;
  int64_t to = 0;
  bool clipped = false;                ///< what was asked for is not in the log: the nearest offset that is
  error_code error = error_code::none; ///< why it was not done
};

/// Gets what is known of the topics in "TOPIC" and "TOPIC:PARTITION".
result<void> add_topics(cluster& nodes, group_details& g, const std::vector<std::string>& texts);

/// The partitions that the texts mean, all that the group has committed where there are none. The error is for people
/// and says which partitions there are.
tl::expected<std::set<topic_partition>, std::string> chosen(const group_details& g,
                                                            const std::vector<std::string>& texts);

/// Where each of the partitions would go.
result<std::vector<offset_move>> plan(cluster& nodes, const group_details& g,
                                      const std::set<topic_partition>& partitions, const reset_target& to);

/// Commits what was planned and notes at each move how it went. Fails where that is not known.
result<void> commit(kafka_client& coordinator, const std::string& group, std::vector<offset_move>& moves);

} // namespace chisme::cli
