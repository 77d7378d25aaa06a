#include "nodes/cli/topic_commands.hpp"

#include "messages/printable.hpp"
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
    case error_code::unknown_member_id:
    case error_code::rebalance_in_progress:
      return "somebody has just joined the group: stop its members and try again";
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
  auto server = server_of(arguments);
  if (!server)
    return tl::make_unexpected(server.error());
  auto timeout = timeout_of(arguments);
  if (!timeout)
    return tl::make_unexpected(timeout.error());
  auto connected = cluster::open(*server, *timeout);
  if (!connected)
    return fail(connected.error().code,
                connected.error().message + "; is a node running there? --bootstrap-server names another one");
  return connected;
}

outcome with_cluster(const call& c, const options::options_description& described, size_t least, size_t most,
                     const std::function<outcome(const parsed&, cluster&)>& command) {
  auto arguments = parse_connected(c, described, least, most);
  if (arguments.ended)
    return *arguments.ended;
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  return command(arguments, *nodes);
}

outcome delete_named(const call& c, const char* what, error_code missing, const delete_all& ask) {
  auto described = connection_options(c);
  const auto help = "a " + std::string{what} + " that does not exist is no failure";
  described.add_options()("if-exists", options::bool_switch(), help.c_str());
  return with_cluster(c, described, 1, 10'000, [&](const parsed& arguments, cluster& nodes) {
    auto changes = ask(nodes, arguments.list("name"));
    if (!changes)
      return c.failed(changes.error().message);
    for (auto& x : *changes)
      if (x.error == missing && arguments.flag("if-exists"))
        x = {x.topic, error_code::none, "", "does not exist"};
    return report(c, arguments, *changes, what);
  });
}

outcome report(const call& c, const parsed& arguments, const std::vector<topic_change>& changes, const char* what) {
  auto json = nlohmann::json::array();
  auto ended = outcome::ok;
  for (auto& x : changes) {
    bool ok = x.error == error_code::none;
    if (!ok)
      ended = c.failed(x.topic + ": " + explain(x.error, x.message));
    else if (!arguments.flag("json"))
      c.out() << printable(x.topic + ": " + x.done) << "\n";
    json.push_back({{what, x.topic}, {"error", to_string(x.error)}, {"message", x.message}});
  }
  if (arguments.flag("json"))
    c.out() << json_page(json) << "\n";
  return ended;
}

} // namespace chisme::cli
