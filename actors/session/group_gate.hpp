// The way of a group request: to the coordinator of its group, and back as its answer.
#pragma once

#include "actors/groups/port.hpp"
#include "actors/session/gather.hpp"

#include <set>

namespace chisme::session {

/// Who coordinates a group here, or why nobody does.
struct found_coordinator {
  error_code code = error_code::none;
  groups::port_ptr port;
};

/// not_coordinator: another node does, ask it by FindCoordinator. coordinator_not_available: nobody does at the moment.
found_coordinator find_group_coordinator(const broker_image& image, std::string_view group_id);

/// A call without its reply.
groups::group_call call_of(const request& r, groups::group_request what);

/// The answer that tells of one error, as far as the request has room for it.
template <class Response, class Request>
Response refusal(const Request&, error_code code) {
  Response response;
  response.error = code;
  return response;
}

/// What can be seen to be wrong with a request without knowing its group.
template <class Request>
error_code wrong_with(const Request&, int16_t /* version */) {
  return error_code::none;
}

/// Its answer may wait for other members, for minutes. What it said is with the coordinator by then, and a refusal
/// needs none of it, so its bytes are let go.
template <class Request>
inline constexpr bool waits_for_others =
  std::is_same_v<Request, kafka::join_group_request> || std::is_same_v<Request, kafka::sync_group_request>;

/// Hands a request that concerns one group to its coordinator.
template <class Request, class Response>
void ask_group(request r) {
  auto body = r.decode_or_close<Request>();
  if (!body)
    return;
  if (const auto wrong = wrong_with(*body, r.version()); wrong != error_code::none)
    return r.answer(refusal<Response>(*body, wrong));
  auto found = find_group_coordinator(*r.image(), body->group_id);
  if (!found.port)
    return r.answer(refusal<Response>(*body, found.code));
  auto call = call_of(r, std::move(*body));
  if constexpr (waits_for_others<Request>)
    r.body = {};
  call.done = reply_with<groups::group_answer>([r = std::move(r)](groups::group_answer x) {
    if (x.response)
      return r.answer(std::get<Response>(std::move(*x.response)));
    if constexpr (waits_for_others<Request>)
      return r.answer(refusal<Response>(Request{}, x.code));
    // Rare enough to read the request once more, instead of keeping it for each that goes well.
    const auto again = chisme::decode<Request>(r.body, r.version(), behind::anything);
    r.answer(refusal<Response>(*again, x.code));
  });
  found.port->send(std::move(call));
}

/// For requests that name several groups: a group that is named twice is answered once, or a small request could ask
/// for any amount of the same.
template <class Named, class Name>
void once_each(std::vector<Named>& all, Name name_of) {
  std::set<std::string> seen;
  std::erase_if(all, [&](const Named& x) { return !seen.insert(name_of(x)).second; });
}

/// For requests that name several groups: fills one group's place in the answer. Its id is there already.
template <class Element>
void fill_group(Element& to, groups::group_answer&& from) {
  if (from.response)
    to = std::get<Element>(std::move(*from.response));
  else
    to.error = from.code;
}

/// `places` are the elements of answers.response, in the order of `requests`, each with its group's id.
template <class Response, class Element>
void ask_groups(const request& r, gather<Response, Element, groups::group_answer>& answers,
                std::vector<Element>& places, std::vector<groups::group_request> requests) {
  const auto image = r.image();
  answers.reserve(places.size());
  for (size_t i = 0; i < places.size(); ++i) {
    auto found = find_group_coordinator(*image, places[i].group_id);
    auto call = call_of(r, std::move(requests[i]));
    call.done = answers.place(places[i]);
    if (found.port)
      found.port->send(std::move(call));
    else
      call.done(groups::group_answer::failed(found.code));
  }
  answers.ready();
}

} // namespace chisme::session
