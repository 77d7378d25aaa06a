// What one new topic costs a node that has many already: nothing that grows with them.
#include "messages/kafka/19_create_topics.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/requests.hpp"

namespace chisme::bench {

namespace {

/// `topics` of them in one request.
void create(connection& to, const std::string& name, size_t topics, int32_t partitions) {
  kafka::create_topics_request request;
  for (size_t i = 0; i < topics; ++i) {
    auto& t = request.topics.emplace_back();
    t.name = name + "-" + std::to_string(i);
    t.num_partitions = partitions;
    t.replication_factor = 1;
  }
  for (const auto& t : to.call<kafka::create_topics_response>(request).topics)
    if (t.error != error_code::none)
      throw std::runtime_error("cannot create " + t.name + ": " + t.error_message.value_or(to_string(t.error)));
}

/// Milliseconds of CPU for a topic of one partition, where there are `topics` with `partitions` each.
double cost_beside(const options& o, size_t topics, int32_t partitions) {
  constexpr size_t at_once = 100;
  temporary_folder folder{o.folder};
  node_under_test node{(folder.path() / "data").string(), {}};
  connection to{node.port()};
  for (size_t i = 0; i < topics; i += at_once)
    create(to, "there-" + std::to_string(i), std::min(at_once, topics - i), partitions);
  const auto count = o.scaled(200);
  const auto before = cpu_seconds(node.pid());
  for (size_t i = 0; i < count; ++i)
    create(to, "new-" + std::to_string(i), 1, 1);
  return (cpu_seconds(node.pid()) - before) * 1000 / static_cast<double>(count);
}

} // namespace

void measure_create_topics(const options& o, report& out) {
  raise_file_limit();
  const auto alone = cost_beside(o, 0, 0);
  out.add({"CPU of CreateTopics, one partition, nothing else there", alone, "ms", {}});
  out.add(at_most("... beside 6,000 topics of one partition", cost_beside(o, o.scaled(6000), 1), "ms", 1, alone));
  out.add(at_most("... beside 100 topics of 100 partitions", cost_beside(o, o.scaled(100), 100), "ms", 1, alone));
}

} // namespace chisme::bench
