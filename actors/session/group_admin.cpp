// What administrators ask about groups: ListGroups, DescribeGroups, DeleteGroups, ConsumerGroupDescribe.

#include "actors/groups/list_filter.hpp"
#include "actors/session/group_gate.hpp"
#include "actors/session/handlers.hpp"

#include <iterator>

namespace chisme::session {

namespace {

/// One part for each coordinator of this node; they become one answer.
struct parts_of_list {
  std::vector<kafka::list_groups_response> parts;
};

void fill_part(kafka::list_groups_response& to, groups::group_answer&& from) {
  if (from.response)
    to = std::get<kafka::list_groups_response>(std::move(*from.response));
  else if (from.code != error_code::not_coordinator)
    to.error = from.code;
}

/// Several groups, each named by an element of `places`; `ask` makes the question about one.
template <class Ask, class Response, class Element>
void ask_each(request r, std::vector<std::string> ids, std::vector<Element> Response::*places, Ask ask) {
  once_each(ids, [](const std::string& id) { return id; });
  auto answers = std::make_shared<gather<Response, Element, groups::group_answer>>(r, fill_group<Element>);
  std::vector<groups::group_request> requests;
  for (auto& id : ids) {
    (answers->response.*places).emplace_back().group_id = id;
    requests.emplace_back(ask(std::move(id)));
  }
  ask_groups(r, *answers, answers->response.*places, std::move(requests));
}

} // namespace

/// Where a coordinator is still loading the list is not complete: its error is the list's. The groups of one that could
/// not load are left out, as in Kafka, or nobody would see the others.
template <>
void request::answer(parts_of_list list) const {
  kafka::list_groups_response all;
  for (const auto& part : list.parts) {
    if (all.error == error_code::none)
      all.error = part.error;
    all.groups.insert(all.groups.end(), part.groups.begin(), part.groups.end());
  }
  answer(std::move(all));
}

void handle_list_groups(request r) {
  auto body = r.decode_or_close<kafka::list_groups_request>();
  if (!body)
    return;
  body->states_filter = groups::shortened(body->states_filter);
  body->types_filter = groups::shortened(body->types_filter);
  std::vector<groups::port_ptr> ports;
  const auto image = r.image();
  if (const auto* topic = image->find(groups::offsets_topic)) {
    for (const auto& p : topic->partitions) {
      if (p.groups)
        ports.push_back(p.groups);
    }
  }
  using gather_type = gather<parts_of_list, kafka::list_groups_response, groups::group_answer>;
  auto answers = std::make_shared<gather_type>(r, fill_part);
  answers->response.parts.resize(ports.size());
  answers->reserve(ports.size());
  for (size_t i = 0; i < ports.size(); ++i) {
    auto call = call_of(r, *body);
    call.done = answers->place(answers->response.parts[i]);
    ports[i]->send(std::move(call));
  }
  answers->ready();
}

void handle_describe_groups(request r) {
  auto body = r.decode_or_close<kafka::describe_groups_request>();
  if (!body)
    return;
  ask_each(std::move(r), std::move(body->groups), &kafka::describe_groups_response::groups,
           [with = body->include_authorized_operations](std::string id) {
             return groups::describe_group_request{std::move(id), with};
           });
}

void handle_delete_groups(request r) {
  auto body = r.decode_or_close<kafka::delete_groups_request>();
  if (!body)
    return;
  ask_each(std::move(r), std::move(body->groups_names), &kafka::delete_groups_response::results,
           [](std::string id) { return groups::delete_group_request{std::move(id)}; });
}

void handle_consumer_group_describe(request r) {
  auto body = r.decode_or_close<kafka::consumer_group_describe_request>();
  if (!body)
    return;
  ask_each(std::move(r), std::move(body->group_ids), &kafka::consumer_group_describe_response::groups,
           [with = body->include_authorized_operations](std::string id) {
             return groups::describe_consumer_group_request{std::move(id), with};
           });
}

} // namespace chisme::session
