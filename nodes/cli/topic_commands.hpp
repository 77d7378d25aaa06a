// What the commands about topics and groups share: connecting, and telling how it went for each.
#pragma once

#include "nodes/cli/arguments.hpp"
#include "nodes/cli/kafka_client.hpp"

#include <functional>

namespace chisme::cli {

/// Requests that change topics are given this long by the node to do it, in milliseconds.
inline constexpr int32_t change_timeout_ms = 30'000;

/// Connects to where --bootstrap-server says. The error names the cure.
result<cluster> connect(const parsed& arguments);

/// Takes the arguments, `least` to `most` of them named, connects and runs the command. What is wrong before is told.
outcome with_cluster(const call&, const options::options_description& described, size_t least, size_t most,
                     const std::function<outcome(const parsed&, cluster&)>& command);

/// How a change went for one topic or group.
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

/// Asks for what is named to be deleted; how it went for each, or why nobody could be asked.
using delete_all = std::function<result<std::vector<topic_change>>(cluster&, const std::vector<std::string>& names)>;

/// A command that deletes what is named. `ask` says how it went for each; `missing` is the error of what does not
/// exist, which is fine with --if-exists.
outcome delete_named(const call&, const char* what, error_code missing, const delete_all& ask);

/// "TOPIC_ALREADY_EXISTS: message; cure".
std::string explain(error_code error, const std::string& message);

} // namespace chisme::cli
