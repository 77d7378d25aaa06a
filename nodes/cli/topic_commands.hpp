// What the topic commands share: connecting, and telling how it went for each topic.
#pragma once

#include "nodes/cli/arguments.hpp"
#include "nodes/cli/kafka_client.hpp"

namespace chisme::cli {

/// Requests that change topics are given this long by the node to do it, in milliseconds.
inline constexpr int32_t change_timeout_ms = 30'000;

/// Connects to where --bootstrap-server says. The error names the cure.
result<cluster> connect(const parsed& arguments);

/// How a change went for one topic.
struct topic_change {
  std::string topic;
  error_code error = error_code::none;
  std::string message; ///< the node's own words, if any
  std::string done;    ///< "created, 3 partitions"; where there is no error
};

/// Prints one line per topic, done to stdout and failed to stderr with what could help; or all as JSON. The
/// outcome is failed where one of them failed.
/// `what` is the name of the thing in JSON.
outcome report(const call&, const parsed& arguments, const std::vector<topic_change>& changes,
               const char* what = "topic");

/// "TOPIC_ALREADY_EXISTS: message; cure".
std::string explain(error_code error, const std::string& message);

} // namespace chisme::cli
