#include "actors/coordinator/refusals.hpp"

#include <utility>

namespace chisme::coordinator {

namespace {

// An answer in which all went well, of what take_back() needs to make it a refusal.

kafka::create_topics_response success(const kafka::create_topics_request& asked) {
  kafka::create_topics_response r;
  for (const auto& t : asked.topics)
    r.topics.emplace_back().name = t.name;
  return r;
}

kafka::delete_topics_response success(const kafka::delete_topics_request& asked) {
  kafka::delete_topics_response r;
  for (const auto& name : asked.topic_names)
    r.responses.emplace_back().name = name;
  for (const auto& t : asked.topics) {
    auto& to = r.responses.emplace_back();
    to.name = t.name;
    to.topic_id = t.topic_id;
  }
  return r;
}

kafka::create_partitions_response success(const kafka::create_partitions_request& asked) {
  kafka::create_partitions_response r;
  for (const auto& t : asked.topics)
    r.results.emplace_back().name = t.name;
  return r;
}

template <class Response, class Request>
Response success_of_resources(const Request& asked) {
  Response r;
  for (const auto& x : asked.resources) {
    auto& to = r.responses.emplace_back();
    to.resource_type = x.resource_type;
    to.resource_name = x.resource_name;
  }
  return r;
}

kafka::alter_configs_response success(const kafka::alter_configs_request& asked) {
  return success_of_resources<kafka::alter_configs_response>(asked);
}

kafka::incremental_alter_configs_response success(const kafka::incremental_alter_configs_request& asked) {
  return success_of_resources<kafka::incremental_alter_configs_response>(asked);
}

kafka::init_producer_id_response success(const kafka::init_producer_id_request&) { return {}; }

template <class Entries>
void mark(Entries& entries, const error& why) {
  for (auto& e : entries) {
    if (e.error != error_code::none)
      continue;
    e.error = why.code;
    e.error_message = why.message;
  }
}

struct marker {
  const error& why;

  void operator()(kafka::create_topics_response& r) const {
    for (auto& t : r.topics) {
      if (t.error != error_code::none)
        continue;
      auto name = std::move(t.name);
      t = {};
      t.name = std::move(name);
    }
    mark(r.topics, why);
  }
  void operator()(kafka::delete_topics_response& r) const { mark(r.responses, why); }
  void operator()(kafka::create_partitions_response& r) const { mark(r.results, why); }
  void operator()(kafka::alter_configs_response& r) const { mark(r.responses, why); }
  void operator()(kafka::incremental_alter_configs_response& r) const { mark(r.responses, why); }
  void operator()(kafka::init_producer_id_response& r) const {
    if (r.error != error_code::none)
      return;
    r = {};
    r.error = why.code;
  }
};

} // namespace

change_response refuse(const change_request& asked, const error& why) {
  return take_back(std::visit([](const auto& x) -> change_response { return success(x); }, asked), why);
}

change_response take_back(change_response decided, const error& why) {
  std::visit(marker{why}, decided);
  return decided;
}

} // namespace chisme::coordinator
