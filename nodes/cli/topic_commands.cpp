#include "nodes/cli/topic_commands.hpp"
#include "nodes/cli/json_text.hpp"

#include <iostream>

namespace chisme::cli {

namespace {

std::string_view cure(error_code error) {
  switch (error) {
  case error_code::topic_already_exists:
    return "take another name, or --if-not-exists if that is fine";
  case error_code::unknown_topic_or_partition:
    return "chisme topic list shows which topics there are";
  case error_code::invalid_replication_factor:
    return "there cannot be more replicas than nodes";
  case error_code::invalid_partitions:
    return "partitions can only be added, and there must be at least one";
  case error_code::invalid_topic_exception:
    return "a name has 1 to 249 letters, digits, '.', '_' and '-'";
  case error_code::group_id_not_found:
    return "chisme group list shows which groups there are";
  case error_code::non_empty_group:
    return "stop its members first; chisme group describe shows who they are";
  case error_code::topic_deletion_disabled:
    return "the nodes run with delete.topic.enable=false";
  default:
    return {};
  }
}

} // namespace

std::string explain(error_code error, const std::string& message) {
  auto text = to_string(error);
  if (!message.empty())
    text += ": " + message;
  if (auto help = cure(error); !help.empty())
    text += "; " + std::string{help};
  return text;
}

result<cluster> connect(const parsed& arguments) {
  auto server = parse_host_port(arguments.values["bootstrap-server"].as<std::string>());
  if (!server)
    return tl::make_unexpected(server.error());
  auto seconds = arguments.values["timeout"].as<double>();
  if (!(seconds > 0 && seconds <= 86'400))
    return fail(error_code::invalid_config, "--timeout must be above 0 and at most 86400 seconds");
  auto connected = cluster::open(*server, connection::duration{static_cast<int64_t>(seconds * 1000)});
  if (!connected)
    return fail(connected.error().code,
                connected.error().message +
                    "; is a node running there? --bootstrap-server names another one");
  return connected;
}

outcome report(const call& c, const parsed& arguments, const std::vector<topic_change>& changes, const char* what) {
  auto json = nlohmann::json::array();
  auto ended = outcome::ok;
  for (auto& change : changes) {
    bool ok = change.error == error_code::none;
    if (!ok)
      ended = c.failed(change.topic + ": " + explain(change.error, change.message));
    else if (!arguments.flag("json"))
      c.out() << change.topic << ": " << change.done << "\n";
    json.push_back(
        {{what, change.topic}, {"error", to_string(change.error)}, {"message", change.message}});
  }
  if (arguments.flag("json"))
    c.out() << json_page(json) << "\n";
  return ended;
}

} // namespace chisme::cli
