// OffsetCommit, OffsetFetch, OffsetDelete.

#include "actors/groups/committed_offsets.hpp"
#include "actors/session/group_gate.hpp"
#include "actors/session/handlers.hpp"

namespace chisme::session {

namespace {

using kafka::offset_fetch_request;
using kafka::offset_fetch_response;

/// Before version 8 a request has one group, in fields of its own.
std::vector<offset_fetch_request::group> groups_of(offset_fetch_request&& m, int16_t version) {
  if (version >= 8)
    return std::move(m.groups);
  offset_fetch_request::group one;
  one.group_id = std::move(m.group_id);
  if (m.topics) {
    one.topics.emplace();
    for (auto& t : *m.topics)
      one.topics->push_back({std::move(t.name), {}, std::move(t.partition_indexes)});
  }
  return {std::move(one)};
}

/// The same answer in the fields that old versions have. Version 1 has no error but those of partitions.
void fill_old(offset_fetch_response& to, offset_fetch_response::group&& from, int16_t version) {
  to.error = from.error;
  for (auto& t : from.topics) {
    auto& topic = to.topics.emplace_back();
    topic.name = std::move(t.name);
    for (auto& p : t.partitions)
      topic.partitions.push_back({p.partition_index, p.committed_offset, p.committed_leader_epoch,
                                  std::move(p.metadata),
                                  version < 2 && from.error != error_code::none ? from.error : p.error});
  }
}

/// What an old version's answer says of partitions when there is none from the coordinator.
offset_fetch_response::group unanswered(const offset_fetch_request::group& asked, error_code code) {
  offset_fetch_response::group g;
  g.group_id = asked.group_id;
  g.error = code;
  if (!asked.topics)
    return g;
  for (const auto& t : *asked.topics) {
    auto& topic = g.topics.emplace_back();
    topic.name = t.name;
    topic.topic_id = t.topic_id;
    for (auto p : t.partition_indexes)
      topic.partitions.push_back({p, -1, -1, "", code});
  }
  return g;
}

void fetch_one(request r, offset_fetch_request::group asked) {
  const auto answer = [](const request& to, offset_fetch_response::group&& g) {
    offset_fetch_response response;
    fill_old(response, std::move(g), to.version());
    to.answer(std::move(response));
  };
  auto found = find_group_coordinator(*r.image(), asked.group_id);
  if (!found.port)
    return answer(r, unanswered(asked, found.code));
  auto call = call_of(r, asked);
  call.done = reply_with<groups::group_answer>([r = std::move(r), asked = std::move(asked),
                                                answer](groups::group_answer x) {
    answer(r, x.response ? std::get<offset_fetch_response::group>(std::move(*x.response)) : unanswered(asked, x.code));
  });
  found.port->send(std::move(call));
}

} // namespace

/// The error stands with each partition.
template <>
kafka::offset_commit_response refusal(const kafka::offset_commit_request& asked, error_code code) {
  return groups::commit_refused(asked, code);
}

void handle_offset_commit(request r) {
  ask_group<kafka::offset_commit_request, kafka::offset_commit_response>(std::move(r));
}

void handle_offset_delete(request r) {
  ask_group<kafka::offset_delete_request, kafka::offset_delete_response>(std::move(r));
}

void handle_offset_fetch(request r) {
  auto body = r.decode_or_close<offset_fetch_request>();
  if (!body)
    return;
  auto asked = groups_of(std::move(*body), r.version());
  if (r.version() < 8)
    return fetch_one(std::move(r), std::move(asked.front()));
  using element = offset_fetch_response::group;
  once_each(asked, [](const offset_fetch_request::group& g) { return g.group_id; });
  auto answers = std::make_shared<gather<offset_fetch_response, element, groups::group_answer>>(r, fill_group<element>);
  std::vector<groups::group_request> requests;
  for (auto& g : asked) {
    answers->response.groups.emplace_back().group_id = g.group_id;
    requests.emplace_back(std::move(g));
  }
  ask_groups(r, *answers, answers->response.groups, std::move(requests));
}

} // namespace chisme::session
