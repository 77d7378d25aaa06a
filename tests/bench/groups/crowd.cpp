#include "tests/bench/groups/crowd.hpp"

#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/18_api_versions.hpp"

#include <algorithm>
#include <unistd.h>

namespace chisme::bench {

namespace {

bytes produce_to_all(const uuid& topic, int32_t partitions) {
  const auto batch = make_batch_of(1, 100);
  kafka::produce_request r;
  r.acks = 1;
  r.timeout_ms = 30'000;
  auto& t = r.topics.emplace_back();
  t.topic_id = topic;
  for (int32_t p = 0; p < partitions; ++p)
    t.partitions.push_back({p, payload{batch}});
  return frame_of(r);
}

std::string group_name(size_t i) { return "crowd-" + std::to_string(i); }

} // namespace

void wait_for_coordinator(connection& to, const std::string& group) {
  kafka::find_coordinator_request find;
  find.coordinator_keys = {group};
  while (to.call<kafka::find_coordinator_response>(find).coordinators.at(0).error != error_code::none)
    ::usleep(1000);
  kafka::offset_fetch_request fetch;
  fetch.groups.emplace_back().group_id = group;
  while (to.call<kafka::offset_fetch_response>(fetch).groups.at(0).error != error_code::none)
    ::usleep(1000);
}

crowd::crowd(uint16_t port, const protocol& kind, const crowd_size& size)
  : reads_(size.members, size.resumes), producer_(loop_, port) {
  connection to{port};
  group_plan plan{port, "crowd", {}, static_cast<int32_t>(size.members), size.reads ? &reads_ : nullptr};
  plan.topic_id = create_topic(to, plan.topic, {plan.partitions, {{"log.flush", "lazy"}}});
  records_ = produce_to_all(plan.topic_id, plan.partitions);
  feed_once();
  for (size_t g = 0; g < size.groups; ++g) {
    wait_for_coordinator(to, group_name(g));
    for (size_t i = 0; i < size.members; ++i)
      members_.push_back(kind.make(loop_, plan, group_name(g), members_.size()));
  }
  // The node has served every connection once: what connections cost is there before anybody joins.
  kafka::api_versions_request hello;
  hello.client_software_name = "bench";
  hello.client_software_version = "1";
  size_t answers = 0;
  for (auto& m : members_)
    m->coordinator().call<kafka::api_versions_response>(hello, [&](const auto&) { ++answers; });
  loop_.run_until([&] { return answers == members_.size(); }, "connections");
}

void crowd::join(size_t count, double heartbeat_interval) {
  for (size_t i = 0; i < count; ++i) {
    at(i).pace(heartbeat_interval);
    at(i).join();
  }
  const auto all = [&] {
    return std::all_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const auto& m) { return m->settled(); });
  };
  loop_.run_until(all, "members that join");
}

void crowd::settle(double heartbeat_interval) {
  loop_.run_until([&] { return reads_.all_read(); }, "partitions to be read");
  loop_.run_for(3 * heartbeat_interval);
  loop_.run_until([&] { return reads_.all_read(); }, "partitions to be read");
}

void crowd::feed_once() {
  producer_.send(records_, [](const buffer& frame) {
    const auto answer = read_answer<kafka::produce_response>(frame, kafka::produce_request::max_version);
    for (const auto& p : answer.responses.at(0).partition_responses) {
      if (p.error != error_code::none)
        throw std::runtime_error("Produce: " + to_string(p.error));
    }
  });
}

void crowd::feed(double interval) {
  feed_once();
  loop_.at(now() + interval, [this, interval] { feed(interval); });
}

} // namespace chisme::bench
