#include "nodes/cli/cluster_report.hpp"
#include "nodes/cli/json_text.hpp"
#include "nodes/cli/topic_commands.hpp"
#include "nodes/cli/watch.hpp"

#include <iostream>

namespace chisme::cli {

namespace {

outcome show_status(const call& c, const parsed& arguments, cluster& nodes, const std::string& asked) {
  const auto answers = ask_cluster(nodes, asked);
  if (!answers)
    return c.failed(answers.error().message);
  const auto picture = picture_of(*answers);
  const auto health = health_of(picture);
  if (arguments.flag("json"))
    c.out() << json_page(to_json(picture, health)) << "\n";
  else
    print(c.out(), picture, health);
  return health.level == health_level::healthy ? outcome::ok : outcome::failed;
}

std::string host_and_port(const endpoint& server) { return server.host + ":" + std::to_string(server.port); }

} // namespace

outcome cluster_status(const call& c) {
  auto described = connection_options(c);
  add_watch_options(described);
  const auto arguments = parse_connected(c, described, 0, 0);
  if (arguments.ended)
    return *arguments.ended;
  const auto times = repetition_of(arguments);
  if (!times)
    return c.wrong(times.error().message);
  auto nodes = connect(arguments);
  if (!nodes)
    return c.failed(nodes.error().message);
  const auto asked = host_and_port(server_of(arguments).value());
  return repeat(c, *times, [&] { return show_status(c, arguments, *nodes, asked); });
}

} // namespace chisme::cli
